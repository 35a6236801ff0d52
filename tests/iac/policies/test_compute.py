from __future__ import annotations

from typing import Any

import pytest

from airbrick.iac.policies import compute
from airbrick.iac.values import UNKNOWN


def job(**cluster: Any) -> dict[str, Any]:
    return {"job_clusters": [{"job_cluster_key": "main", "new_cluster": cluster}]}


def places(found: Any) -> list[str]:
    return [str(violation).partition(": ")[0] for violation in found]


def test_a_shared_cluster_is_found_also_inside_a_loop() -> None:
    inner = {"task_key": "one", "existing_cluster_id": "0201-x"}
    found = compute.no_all_purpose_cluster(
        {"tasks": [inner, {"task_key": "each", "for_each_task": {"inputs": "[]", "task": inner}}]}, {}
    )
    assert places(found) == ["tasks[0].existing_cluster_id", "tasks[1].for_each_task.task.existing_cluster_id"]
    assert not list(compute.no_all_purpose_cluster({"tasks": [{"task_key": "one", "job_cluster_key": "main"}]}, {}))


def test_a_cluster_follows_a_policy_or_a_pool() -> None:
    assert places(compute.cluster_governed(job(num_workers=1), {})) == ["job_clusters[0].new_cluster"]
    assert places(compute.cluster_governed({"tasks": [{"new_cluster": {}}]}, {})) == ["tasks[0].new_cluster"]
    for governed in ({"policy_id": "P"}, {"instance_pool_id": "I"}, {"policy_id": UNKNOWN}):
        assert not list(compute.cluster_governed(job(**governed), {}))


def test_node_types_come_from_the_list_or_from_a_cluster_policy() -> None:
    named = job(node_type_id="i3.xlarge", driver_node_type_id="r5.large")
    assert places(compute.node_types_allowed(named, {"allowed": ("i3.xlarge",)})) == [
        "job_clusters[0].new_cluster.driver_node_type_id"
    ]
    assert len(list(compute.node_types_allowed(named, {"allowed": ()}))) == 2
    assert not list(compute.node_types_allowed(job(node_type_id="i3.xlarge", policy_id="P"), {"allowed": ()}))
    assert not list(compute.node_types_allowed(job(node_type_id=UNKNOWN), {"allowed": ("a",)}))


@pytest.mark.parametrize("version", ["12.2.x-scala2.12", "7.3.x-cpu-ml-scala2.12", "13.2.x-photon"])
def test_an_old_runtime_is_found(version: str) -> None:
    (found,) = compute.runtime_supported(job(spark_version=version), {"minimum": "13.3"})
    assert version in found.problem


@pytest.mark.parametrize("version", ["13.3.x-scala2.12", "16.4.x-scala2.13", "18.x-snapshot", "custom:mine", UNKNOWN])
def test_a_runtime_that_is_new_enough_or_cannot_be_read_passes(version: object) -> None:
    assert not list(compute.runtime_supported(job(spark_version=version), {"minimum": "13.3"}))


def test_clusters_have_a_size_limit() -> None:
    grown = job(num_workers=51, autoscale={"min_workers": 1, "max_workers": 80})
    assert places(compute.cluster_size_limited(grown, {"limit": 50})) == [
        "job_clusters[0].new_cluster.num_workers",
        "job_clusters[0].new_cluster.autoscale.max_workers",
    ]
    assert not list(compute.cluster_size_limited(job(num_workers=50), {"limit": 50}))


def test_required_tags_are_asked_for_by_name() -> None:
    options = {"tags": ("team", "cost_center")}
    assert places(compute.required_tags({"tags": {"team": "x"}}, options)) == ["tags.cost_center"]
    assert len(list(compute.required_tags({}, options))) == 2
    assert not list(compute.required_tags({"tags": UNKNOWN}, options))
    assert not list(compute.required_tags({}, {"tags": ()}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spark.hadoop.fs.azure.account.oauth2.client.secret", "pa55-w0rd!"),
        ("DB_PASSWORD", "hunter22"),
        ("ANYTHING", "dapi" + "0123456789abcdef" * 2),
        ("JDBC", "jdbc:postgresql://app:hunter22@db/orders"),
    ],
)
def test_a_secret_in_clear_text_is_found_and_not_shown(name: str, value: str) -> None:
    for key in ("spark_conf", "spark_env_vars"):
        (found,) = compute.no_plaintext_secret(job(**{key: {name: value}}), {})
        assert value not in str(found)
        assert name in str(found)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "{{secrets/orders/db}}"),
        ("spark.databricks.delta.token.enabled", "true"),
        ("PATHS", "/Volumes/main/x"),
        ("DB_PASSWORD", UNKNOWN),
        ("JDBC", "jdbc:postgresql://app:{{secrets/orders/db}}@db/orders"),
    ],
)
def test_references_and_switches_are_no_secrets(name: str, value: object) -> None:
    assert not list(compute.no_plaintext_secret(job(spark_conf={name: value}), {}))
