"""Cluster policies, instance pools and clusters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from databricks.sdk.errors import InvalidParameterValue, InvalidState, ResourceDoesNotExist
from databricks.sdk.service import compute
from hypothesis import given
from hypothesis import strategies as st
from tests.emulator.helpers import Api, task

from airbrick.emulator.errors import ApiError
from airbrick.emulator.policies import apply_policy, read_definition

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from airbrick.emulator import ManualClock

POLICIES = "/api/2.0/policies/clusters"
POOLS = "/api/2.0/instance-pools"
RULES: dict[str, dict[str, Any]] = {
    "spark_conf.spark.databricks.cluster.profile": {"type": "fixed", "value": "singleNode", "hidden": True},
    "autotermination_minutes": {"type": "fixed", "value": 20},
    "custom_tags.team": {"type": "fixed", "value": 5},
    "node_type_id": {"type": "allowlist", "values": ["i3.xlarge", "i3.2xlarge"], "defaultValue": "i3.2xlarge"},
    "num_workers": {"type": "range", "maxValue": 8, "defaultValue": 2},
    "autoscale.max_workers": {"type": "unlimited", "defaultValue": 4},
    "cluster_type": {"type": "fixed", "value": "job"},
    "init_scripts.*.s3.destination": {"type": "fixed", "value": "s3://x"},
    "docker_image.url": {"type": "forbidden"},
}


def policy(client: WorkspaceClient, name: str = "small", **values: Any) -> str:
    made = client.cluster_policies.create(name=name, definition=json.dumps(RULES), **values)
    assert made.policy_id is not None
    return made.policy_id


def test_a_policy_is_made_edited_listed_and_deleted(client: WorkspaceClient, clock: ManualClock) -> None:
    policy_id = policy(client, description="d", max_clusters_per_user=3)
    made = client.cluster_policies.get(policy_id)
    assert (made.name, made.description, made.max_clusters_per_user) == ("small", "d", 3)
    assert json.loads(made.definition or "") == RULES
    assert made.created_at_timestamp == int(clock.now() * 1000)
    assert made.creator_user_name == "engineer@example.com"
    client.cluster_policies.edit(policy_id, name="large", definition="{}")
    edited = client.cluster_policies.get(policy_id)
    assert (edited.name, edited.definition, edited.description) == ("large", "{}", None)
    other = policy(client, "a")
    assert [item.policy_id for item in client.cluster_policies.list()] == [other, policy_id]
    by_name = client.cluster_policies.list(
        sort_column=compute.ListSortColumn.POLICY_NAME, sort_order=compute.ListSortOrder.ASC
    )
    assert [item.name for item in by_name] == ["a", "large"]
    client.cluster_policies.delete(policy_id)
    with pytest.raises(ResourceDoesNotExist, match=policy_id):
        client.cluster_policies.get(policy_id)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"definition": "{}"}, "name must have from 1 to 100"),
        ({"name": "x" * 101}, "name must have"),
        ({"name": "taken"}, "already taken"),
        ({"name": 5}, "name must be a string"),
        ({"name": "n", "definition": {}}, "definition must be a string"),
        ({"name": "n", "definition": "{"}, "not valid JSON"),
        ({"name": "n", "definition": "[]"}, "must be a JSON object"),
        ({"name": "n", "definition": '{"a": 5}'}, "a must be an object with a type"),
        ({"name": "n", "definition": '{"a": {"type": "fxed"}}'}, "a.type must be one of fixed"),
        ({"name": "n", "definition": '{"a": {"type": "fixed"}}'}, "a of type fixed must have value"),
        ({"name": "n", "definition": '{"a": {"type": "allowlist", "values": []}}'}, "a.values"),
        ({"name": "n", "definition": '{"a": {"type": "regex", "pattern": 5}}'}, "a.pattern"),
        ({"name": "n", "definition": '{"a": {"type": "range", "minValue": "1"}}'}, "numbers for minValue"),
        ({"name": "n", "definition": '{"a": {"type": "forbidden", "hidden": 1}}'}, "a.hidden"),
        ({"name": "n", "max_clusters_per_user": 0}, "max_clusters_per_user"),
    ],
)
def test_wrong_policies_are_refused(api: Api, values: dict[str, Any], message: str) -> None:
    api.post(f"{POLICIES}/create", {"name": "taken", "definition": "{}"})
    status, code, text = api.error("POST", f"{POLICIES}/create", values)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message in text
    assert len(api.get(f"{POLICIES}/list")["policies"]) == 1


def test_an_edit_that_is_wrong_changes_nothing(client: WorkspaceClient) -> None:
    policy_id = policy(client)
    before = client.cluster_policies.get(policy_id)
    with pytest.raises(InvalidParameterValue):
        client.cluster_policies.edit(policy_id, name="new", definition="nonsense")
    assert client.cluster_policies.get(policy_id) == before


def test_policy_families_are_refused_by_name(api: Api) -> None:
    status, code, _ = api.error("POST", f"{POLICIES}/create", {"name": "n", "policy_family_id": "personal-vm"})
    assert (status, code) == (501, "NOT_IMPLEMENTED")


def test_a_policy_fills_in_the_clusters_of_a_job(api: Api, client: WorkspaceClient) -> None:
    policy_id = policy(client)
    cluster = {"spark_version": "15.4.x", "policy_id": policy_id}
    job_id = api.create(
        tasks=[
            task("fixed", new_cluster={**cluster, "autotermination_minutes": 99}),
            task("all", new_cluster={**cluster, "apply_policy_default_values": True}),
            {"task_key": "each", "for_each_task": {"inputs": "[]", "task": task("one", new_cluster=cluster)}},
            task("unknown", new_cluster={"spark_version": "15.4.x", "policy_id": "gone"}),
        ],
        job_clusters=[{"job_cluster_key": "k", "new_cluster": cluster}],
    )
    settings = api.settings(job_id)
    fixed, everything, each, unknown = settings["tasks"]
    assert fixed["new_cluster"]["spark_conf"] == {"spark.databricks.cluster.profile": "singleNode"}
    assert fixed["new_cluster"]["custom_tags"] == {"team": "5"}
    assert fixed["new_cluster"]["autotermination_minutes"] == 20
    assert "node_type_id" not in fixed["new_cluster"]
    assert (everything["new_cluster"]["node_type_id"], everything["new_cluster"]["num_workers"]) == ("i3.2xlarge", 2)
    assert "apply_policy_default_values" not in everything["new_cluster"]
    assert "cluster_type" not in everything["new_cluster"]
    assert each["for_each_task"]["task"]["new_cluster"]["autotermination_minutes"] == 20
    assert settings["job_clusters"][0]["new_cluster"]["autotermination_minutes"] == 20
    assert "autotermination_minutes" not in unknown["new_cluster"]


def test_defaults_of_a_policy_do_not_contradict_what_the_cluster_says() -> None:
    asked: dict[str, Any] = {"apply_policy_default_values": True, "autoscale": {"min_workers": 1, "max_workers": 2}}
    filled = apply_policy({**asked, "instance_pool_id": "p"}, RULES)
    assert "num_workers" not in filled
    assert "node_type_id" not in filled
    assert filled["autoscale"] == {"min_workers": 1, "max_workers": 2}


paths = st.text(st.sampled_from("ab.*"), max_size=5) | st.sampled_from(sorted(RULES))
rules = st.dictionaries(
    paths,
    st.fixed_dictionaries({"type": st.just("fixed"), "value": st.none() | st.integers() | st.text(max_size=3)})
    | st.fixed_dictionaries({"type": st.just("unlimited"), "defaultValue": st.integers(0, 9) | st.booleans()}),
    max_size=5,
)
clusters = st.dictionaries(
    st.sampled_from(["a", "b", "spark_conf", "num_workers", "apply_policy_default_values"]),
    st.booleans() | st.integers(0, 9) | st.dictionaries(st.sampled_from("ab"), st.text(max_size=2), max_size=2),
)


@given(clusters, rules)
def test_to_apply_a_policy_twice_is_to_apply_it_once(cluster: dict[str, Any], found: dict[str, Any]) -> None:
    once = apply_policy(cluster, found)
    assert apply_policy(once, found) == once
    assert apply_policy(cluster, {}) == cluster


@given(
    st.recursive(
        st.none() | st.integers(0, 9) | st.text(max_size=5),
        lambda inner: st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    )
)
def test_any_definition_is_read_or_refused(value: Any) -> None:
    try:
        assert read_definition(json.dumps(value)) == value
    except ApiError as error:
        assert error.status == 400  # noqa: PT017 - both outcomes are right


def test_a_pool_is_made_edited_listed_and_deleted(client: WorkspaceClient) -> None:
    made = client.instance_pools.create("pool", "i3.xlarge", max_capacity=5, custom_tags={"a": "b"})
    pool_id = made.instance_pool_id or ""
    pool = client.instance_pools.get(pool_id)
    assert (pool.instance_pool_name, pool.node_type_id, pool.min_idle_instances) == ("pool", "i3.xlarge", 0)
    assert pool.idle_instance_autotermination_minutes == 60
    assert pool.state is compute.InstancePoolState.ACTIVE
    assert pool.default_tags is not None
    assert pool.default_tags["DatabricksInstancePoolId"] == pool_id
    client.instance_pools.edit(pool_id, "renamed", "i3.xlarge", min_idle_instances=1)
    edited = client.instance_pools.get(pool_id)
    assert (edited.instance_pool_name, edited.min_idle_instances, edited.max_capacity) == ("renamed", 1, None)
    assert edited.custom_tags is None
    assert [item.instance_pool_name for item in client.instance_pools.list()] == ["renamed"]
    client.instance_pools.delete(pool_id)
    assert list(client.instance_pools.list()) == []
    with pytest.raises(ResourceDoesNotExist, match=pool_id):
        client.instance_pools.get(pool_id)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"instance_pool_name": "p"}, "node_type_id"),
        ({"instance_pool_name": "", "node_type_id": "n"}, "instance_pool_name must have"),
        ({"instance_pool_name": "taken", "node_type_id": "n"}, "exists already"),
        ({"instance_pool_name": "p", "node_type_id": "n", "max_capacity": "5"}, "max_capacity must be an integer"),
        ({"instance_pool_name": "p", "node_type_id": "n", "max_capacity": 0}, "max_capacity must be 1 or more"),
        ({"instance_pool_name": "p", "node_type_id": "n", "min_idle_instances": -1}, "min_idle_instances"),
        (
            {"instance_pool_name": "p", "node_type_id": "n", "min_idle_instances": 3, "max_capacity": 2},
            "not below min_idle_instances",
        ),
    ],
)
def test_wrong_pools_are_refused(api: Api, values: dict[str, Any], message: str) -> None:
    api.post(f"{POOLS}/create", {"instance_pool_name": "taken", "node_type_id": "n"})
    status, code, text = api.error("POST", f"{POOLS}/create", values)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message in text


def test_the_node_type_of_a_pool_cannot_be_changed(client: WorkspaceClient) -> None:
    pool_id = client.instance_pools.create("pool", "i3.xlarge").instance_pool_id or ""
    with pytest.raises(InvalidParameterValue, match="node_type_id of an instance pool cannot be changed"):
        client.instance_pools.edit(pool_id, "pool", "i3.2xlarge")


def cluster(client: WorkspaceClient, **values: Any) -> str:
    settings = {"node_type_id": "i3.xlarge", "num_workers": 1, **values}
    made: Any = client.clusters.create("15.4.x-scala2.12", **settings)
    return str(made.cluster_id)


def state(client: WorkspaceClient, cluster_id: str) -> str:
    found = client.clusters.get(cluster_id).state
    assert found is not None
    return found.value


def test_a_cluster_goes_through_its_states(client: WorkspaceClient, clock: ManualClock) -> None:
    cluster_id = cluster(client, cluster_name="lab")
    seen = [state(client, cluster_id)]
    for command in ("restart", "delete", "start", "delete"):
        clock.advance(5)
        seen.append(state(client, cluster_id))
        getattr(client.clusters, command)(cluster_id)
        seen.append(state(client, cluster_id))
    assert seen == [
        "PENDING", "RUNNING", "RESTARTING", "RUNNING", "TERMINATING", "TERMINATED", "PENDING", "RUNNING", "TERMINATING",
    ]  # fmt: skip
    client.clusters.delete(cluster_id)
    clock.advance(2)
    shown = client.clusters.get(cluster_id)
    assert shown.termination_reason is not None
    assert shown.termination_reason.code is compute.TerminationReasonCode.USER_REQUEST
    assert "nothing runs on it" in (shown.state_message or "")


def test_an_idle_cluster_terminates(client: WorkspaceClient, clock: ManualClock) -> None:
    cluster_id = cluster(client, autotermination_minutes=10)
    clock.advance(604)
    assert state(client, cluster_id) == "RUNNING"
    clock.advance(1)
    assert state(client, cluster_id) == "TERMINATING"
    reason = client.clusters.get(cluster_id).termination_reason
    assert reason is not None
    assert reason.code is compute.TerminationReasonCode.INACTIVITY


def test_a_command_that_makes_no_sense_now_is_refused(client: WorkspaceClient, clock: ManualClock) -> None:
    cluster_id = cluster(client)
    with pytest.raises(InvalidState, match="is in unexpected state Pending"):
        client.clusters.start(cluster_id)
    client.clusters.delete(cluster_id)
    clock.advance(2)
    with pytest.raises(InvalidState, match="is in unexpected state Terminated"):
        client.clusters.restart(cluster_id)


def test_an_edit_restarts_a_cluster_that_runs(client: WorkspaceClient, clock: ManualClock) -> None:
    cluster_id = cluster(client)
    with pytest.raises(InvalidState):
        client.clusters.edit(cluster_id, "16.4.x", node_type_id="i3.xlarge", num_workers=2)
    clock.advance(5)
    client.clusters.edit(cluster_id, "16.4.x", node_type_id="i3.xlarge", num_workers=2)
    assert state(client, cluster_id) == "RESTARTING"
    assert client.clusters.get(cluster_id).num_workers == 2


def test_clusters_are_listed_and_filtered(client: WorkspaceClient, clock: ManualClock) -> None:
    policy_id = policy(client)
    made = [cluster(client, cluster_name=f"c{n}") for n in range(23)]
    clock.advance(5)
    governed = cluster(client, policy_id=policy_id)
    assert [item.cluster_id for item in client.clusters.list()] == [governed, *reversed(made)]
    pending = compute.ListClustersFilterBy(cluster_states=[compute.State.PENDING, compute.State.ERROR])
    assert [item.cluster_id for item in client.clusters.list(filter_by=pending)] == [governed]
    by_policy = compute.ListClustersFilterBy(policy_id=policy_id)
    assert [item.autotermination_minutes for item in client.clusters.list(filter_by=by_policy)] == [20]
    assert list(client.clusters.list(filter_by=compute.ListClustersFilterBy(is_pinned=True))) == []


def test_a_cluster_that_is_gone_is_named(client: WorkspaceClient, api: Api) -> None:
    cluster_id = cluster(client)
    client.clusters.permanent_delete(cluster_id)
    with pytest.raises(ResourceDoesNotExist, match=f"Cluster {cluster_id} does not exist"):
        client.clusters.get(cluster_id)
    error = api.error("POST", "/api/2.0/clusters/start", {"cluster_id": cluster_id})
    assert error[:2] == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"node_type_id": "n"}, "spark_version"),
        ({"spark_version": "v"}, "node_type_id, or instance_pool_id"),
        ({"spark_version": "v", "node_type_id": "n", "num_workers": -1}, "num_workers"),
        ({"spark_version": "v", "node_type_id": "n", "autotermination_minutes": 5}, "autotermination_minutes"),
        ({"spark_version": "v", "node_type_id": "n", "data_security_mode": "x"}, "data_security_mode must be one of"),
    ],
)
def test_wrong_clusters_are_refused(api: Api, values: dict[str, Any], message: str) -> None:
    status, code, text = api.error("POST", "/api/2.1/clusters/create", values)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message in text


def test_the_client_selects_runtimes_and_machines(client: WorkspaceClient) -> None:
    assert client.clusters.select_spark_version(long_term_support=True) == "16.4.x-scala2.12"
    assert client.clusters.select_spark_version(latest=True, ml=True, gpu=True) == "16.4.x-gpu-ml-scala2.12"
    assert client.clusters.select_node_type(local_disk=True, min_memory_gb=16) == "r5d.large"
    assert client.clusters.select_node_type(gb_per_core=7, min_cores=8) == "i3.2xlarge"
    assert client.clusters.select_node_type(min_gpus=1) == "g4dn.xlarge"
    zones = client.clusters.list_zones()
    assert zones.default_zone in (zones.zones or [])


def test_commands_on_a_cluster_are_refused_by_name(api: Api) -> None:
    status, code, text = api.error("POST", "/api/1.2/commands/execute", {"clusterId": "x"})
    assert (status, code) == (501, "NOT_IMPLEMENTED")
    assert "/api/1.2/commands/execute" in text
