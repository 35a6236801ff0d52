"""What the emulator answers is what databricks-sdk knows: no stranger among the fields, no unknown enum value."""

from __future__ import annotations

import dataclasses
import enum
import json
import types
import typing
from typing import TYPE_CHECKING, Any

import pytest
from databricks.sdk.service import compute, iam, jobs, settings, sql, workspace
from tests.emulator.helpers import JOBS, Api, task

if TYPE_CHECKING:
    from airbrick.emulator import Emulator, ManualClock

# Fields that the API is known to answer and the client does not know, or that say what is simulated.
OURS = {"StatementResponse.engine", "Run.format", "BaseRun.format"}


def strangers(kind: Any, value: Any, path: str) -> list[str]:
    """Name the places of an answer that a type of the client does not know."""
    origin = typing.get_origin(kind)
    arguments = [item for item in typing.get_args(kind) if item is not type(None)]
    if origin in (typing.Union, types.UnionType):
        return strangers(arguments[0], value, path)
    if origin is list:
        return [name for item in value for name in strangers(arguments[0], item, path)]
    if origin is dict:
        return [name for item in value.values() for name in strangers(arguments[1], item, path)]
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return [] if value in {member.value for member in kind} else [f"{path} = {value!r}"]
    if not (isinstance(kind, type) and dataclasses.is_dataclass(kind)):
        return (
            [] if kind is Any or isinstance(value, (float, int) if kind is float else kind) else [f"{path}: {value!r}"]
        )
    hints = typing.get_type_hints(kind)
    names = wire_names(kind)
    found = []
    for name, item in value.items():
        place = f"{kind.__name__}.{name}"
        if name in names:
            found += strangers(hints[names[name]], item, place)
        elif place not in OURS:
            found.append(place)
    return found


def wire_names(kind: Any) -> dict[str, str]:
    """Return the fields of a client's type by their names on the wire."""
    fields = [field.name for field in dataclasses.fields(kind)]
    camel = {name.split("_")[0] + "".join(part.title() for part in name.split("_")[1:]): name for name in fields}
    return {**camel, "$ref": "ref", "Resources": "resources", **{name: name for name in fields}}


@pytest.fixture
def full(api: Api, workspace: Emulator, clock: ManualClock) -> dict[str, Any]:
    """A workspace with one of everything, and the ids by which it is found."""
    post = api.post
    cluster = {"spark_version": "x", "node_type_id": "n", "num_workers": 1}
    parts = [
        task("a", max_retries=1, new_cluster=cluster),
        task("b", "a", run_if="ALL_DONE"),
        {"task_key": "c", "condition_task": {"op": "EQUAL_TO", "left": "1", "right": "1"}},
        {"task_key": "e", "for_each_task": {"inputs": "[1, 2]", "task": task("i")}},
    ]
    workspace.plan(task="a", attempt=0, result="FAILED")
    workspace.plan_statement(columns=[["id", "BIGINT"]], rows=[["1"]], run_s=0)
    job_id = api.create(
        tasks=parts,
        job_clusters=[{"job_cluster_key": "k", "new_cluster": cluster}],
        parameters=[{"name": "p", "default": "d"}],
        schedule={"quartz_cron_expression": "0 0 1 * * ?", "timezone_id": "UTC"},
        tags={"a": "b"},
    )
    run_id = api.run_now(job_id)
    clock.advance(60)
    api.run(run_id)
    post("/api/2.0/secrets/scopes/create", {"scope": "lab"})
    post("/api/2.0/secrets/put", {"scope": "lab", "key": "k", "string_value": "x"})
    pool = {"instance_pool_name": "p", "node_type_id": "n"}
    warehouse = api.get("/api/2.0/sql/warehouses")["warehouses"][0]["id"]
    statement = {"statement": "select 1", "warehouse_id": warehouse, "wait_timeout": "0s"}
    found = {
        "job": job_id,
        "run": run_id,
        "task_run": next(item["run_id"] for item in api.run(run_id)["tasks"] if item["task_key"] == "a"),
        "policy": post("/api/2.0/policies/clusters/create", {"name": "p"})["policy_id"],
        "pool": post("/api/2.0/instance-pools/create", pool)["instance_pool_id"],
        "cluster": post("/api/2.1/clusters/create", cluster)["cluster_id"],
        "warehouse": warehouse,
        "statement": post("/api/2.0/sql/statements", statement)["statement_id"],
    }
    clock.advance(60)
    return found


SCIM = "/api/2.0/preview/scim/v2"
ANSWERS: list[tuple[str, Any]] = [
    (f"{JOBS}/get?job_id={{job}}", jobs.Job),
    (f"{JOBS}/list?expand_tasks=true", jobs.ListJobsResponse),
    (f"{JOBS}/runs/get?run_id={{run}}&include_history=true", jobs.Run),
    (f"{JOBS}/runs/get?run_id={{task_run}}", jobs.Run),
    (f"{JOBS}/runs/list?expand_tasks=true", jobs.ListRunsResponse),
    (f"{JOBS}/runs/get-output?run_id={{task_run}}", jobs.RunOutput),
    ("/api/2.0/permissions/jobs/{job}", iam.ObjectPermissions),
    ("/api/2.0/permissions/clusters/{cluster}", iam.ObjectPermissions),
    ("/api/2.0/permissions/jobs/{job}/permissionLevels", iam.GetPermissionLevelsResponse),
    ("/api/2.0/policies/clusters/get?policy_id={policy}", compute.Policy),
    ("/api/2.0/instance-pools/get?instance_pool_id={pool}", compute.GetInstancePool),
    ("/api/2.1/clusters/get?cluster_id={cluster}", compute.ClusterDetails),
    ("/api/2.1/clusters/list", compute.ListClustersResponse),
    ("/api/2.1/clusters/spark-versions", compute.GetSparkVersionsResponse),
    ("/api/2.1/clusters/list-node-types", compute.ListNodeTypesResponse),
    ("/api/2.1/clusters/list-zones", compute.ListAvailableZonesResponse),
    ("/api/2.0/workspace/list?path=/Users", workspace.ListResponse),
    ("/api/2.0/workspace/get-status?path=/Shared", workspace.ObjectInfo),
    ("/api/2.0/secrets/scopes/list", workspace.ListScopesResponse),
    ("/api/2.0/secrets/list?scope=lab", workspace.ListSecretsResponse),
    ("/api/2.0/secrets/get?scope=lab&key=k", workspace.GetSecretResponse),
    ("/api/2.0/secrets/acls/list?scope=lab", workspace.ListAclsResponse),
    ("/api/2.0/sql/warehouses", sql.ListWarehousesResponse),
    ("/api/2.0/sql/warehouses/{warehouse}", sql.GetWarehouseResponse),
    ("/api/2.0/sql/statements/{statement}", sql.StatementResponse),
    ("/api/2.0/token/list", settings.ListPublicTokensResponse),
    (f"{SCIM}/Me", iam.User),
    (f"{SCIM}/Users", iam.ListUsersResponse),
    (f"{SCIM}/ServicePrincipals", iam.ListServicePrincipalResponse),
    (f"{SCIM}/Groups", iam.ListGroupsResponse),
]


@pytest.mark.parametrize(
    ("path", "kind"), ANSWERS, ids=lambda value: value if isinstance(value, str) else value.__name__
)
def test_an_answer_has_no_stranger_in_it(api: Api, full: dict[str, Any], path: str, kind: Any) -> None:
    answer = api.get(path.format(**full))
    assert answer, "an empty answer proves nothing"
    assert strangers(kind, answer, kind.__name__) == []


def test_a_stranger_is_found() -> None:
    answer = {"job_id": "5", "brand_new": 1, "settings": {"tasks": [{"task_key": "a", "run_if": "SOMETIMES"}]}}
    assert strangers(jobs.Job, json.loads(json.dumps(answer)), "Job") == [
        "Job.job_id: '5'",
        "Job.brand_new",
        "Task.run_if = 'SOMETIMES'",
    ]
