"""Requests of all kinds to all routes: whatever comes in, the answer has the API's shape and is never a 500."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.emulator.helpers import JOBS, Api, task

from airbrick.emulator.api import all_routes
from airbrick.emulator.spec import spec

if TYPE_CHECKING:
    from airbrick.emulator import Emulator

# These change what all other examples rest on.
LEFT_OUT = ("/_local/clock", "/_local/reset")
ROUTES = sorted({(route.method, route.path) for route in all_routes() if route.path not in LEFT_OUT})
# What a route takes, where the spec describes it.
TYPES = {
    f"{JOBS}/create": "CreateJob",
    f"{JOBS}/run-now": "RunNow",
    f"{JOBS}/runs/submit": "SubmitRun",
    f"{JOBS}/runs/repair": "RepairRun",
    "/api/2.0/policies/clusters/create": "CreateClusterPolicy",
    "/api/2.0/policies/clusters/edit": "EditClusterPolicy",
    "/api/2.0/instance-pools/create": "CreateInstancePool",
    "/api/2.0/instance-pools/edit": "EditInstancePool",
    "/api/2.1/clusters/create": "CreateCluster",
    "/api/2.0/secrets/scopes/create": "CreateScope",
    "/api/2.0/secrets/put": "PutSecret",
    "/api/2.0/secrets/acls/put": "PutSecretAcl",
    "/api/2.0/sql/warehouses": "CreateWarehouse",
    "/api/2.0/sql/warehouses/{id}/edit": "EditWarehouse",
    "/api/2.0/sql/statements": "ExecuteStatement",
}
NAMES = [
    "job_id", "run_id", "new_settings", "fields_to_remove", "tasks", "name", "limit", "page_token", "path",
    "content", "format", "language", "overwrite", "access_control_list", "job_parameters", "only", "queue",
    "idempotency_token", "active_only", "parameters", "schedule", "email_notifications", "job_clusters",
    "advance_s", "preset", "status", "body", "drop", "retry_after_s", "method", "result", "times", "policy_id",
    "definition", "instance_pool_id", "cluster_id", "page_size", "scope", "key", "principal", "permission",
    "string_value", "bytes_value", "filter", "startIndex", "count", "attributes", "Operations", "userName",
    "displayName", "applicationId", "members", "groups", "emails", "application_id", "lifetime_seconds",
    "comment", "token_id", "recursive", "direct_download", "statement", "warehouse_id", "wait_timeout",
]  # fmt: skip
FUZZ = settings(max_examples=max(200, settings().max_examples), suppress_health_check=list(HealthCheck))

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
scalars: dict[str, st.SearchStrategy[Any]] = {
    "string": st.sampled_from(["lab", "a", "/Shared/x", "", "{}", "5", "UTC", "0 0 * * * ?", "{{job.id}}"])
    | st.text(max_size=5),
    "boolean": st.booleans(),
    "integer": st.sampled_from([0, 1, -1, 5, 2**31, 2**63 - 1]),
    "number": st.floats(0, 9),
}


@st.composite
def of_kind(draw: st.DrawFn, kind: str, depth: int = 0) -> Any:
    if draw(st.integers(0, 24)) == 0:
        return draw(junk)
    container, _, item = kind.partition(" ")
    if container == "list":
        return draw(st.lists(of_kind(item, depth + 1), max_size=2))
    if container == "map":
        return draw(st.dictionaries(st.text(max_size=3), of_kind(item, depth + 1), max_size=2))
    if kind in spec()["enums"]:
        return draw(st.sampled_from(spec()["enums"][kind]))
    if kind not in spec()["types"]:
        return draw(scalars.get(kind, junk))
    fields: dict[str, str] = spec()["types"][kind]
    wanted = set(spec()["required"].get(kind, ()))
    if depth < 4:
        wanted |= set(draw(st.lists(st.sampled_from(sorted(fields)), max_size=4)))
    return {name: draw(of_kind(fields[name], depth + 1)) for name in sorted(wanted)}


@pytest.fixture
def known(api: Api, workspace: Emulator) -> dict[str, Any]:
    """Things that are there, by the names under which requests name them."""
    job_id = api.create()
    run_id = api.run_now(job_id)
    post = api.post
    post("/api/2.0/secrets/scopes/create", {"scope": "lab"})
    post("/api/2.0/secrets/put", {"scope": "lab", "key": "a", "string_value": "x"})
    cluster = {"spark_version": "x", "node_type_id": "n"}
    return {
        "job_id": job_id,
        "run_id": run_id,
        "policy_id": post("/api/2.0/policies/clusters/create", {"name": "p"})["policy_id"],
        "instance_pool_id": post("/api/2.0/instance-pools/create", {"instance_pool_name": "p", "node_type_id": "n"})[
            "instance_pool_id"
        ],
        "cluster_id": post("/api/2.1/clusters/create", cluster)["cluster_id"],
        "scope": "lab",
        "key": "a",
        "path": "/Shared",
        "id": post("/api/2.0/preview/scim/v2/Users", {"userName": "a@example.com"})["id"],
        "object_type": "jobs",
        "object_id": str(job_id),
    }


@st.composite
def requests_of(draw: st.DrawFn) -> tuple[str, str, Any, dict[str, str]]:
    method, path = draw(st.sampled_from(ROUTES))
    if path in TYPES and draw(st.booleans()):
        body = draw(of_kind(TYPES[path]))
    else:
        body = draw(st.dictionaries(st.sampled_from(NAMES), junk | scalars["string"], max_size=5))
    return method, path, body, draw(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=5), max_size=2))


def fill(path: str, known: dict[str, Any], *, right: bool) -> str:
    for name in ("job_id", "run_id", "object_type", "object_id", "id", "path"):
        value = str(known[name]).lstrip("/") if right else "x"
        path = path.replace(f"{{{name}}}", value).replace(f"{{{name}*}}", value)
    return path.replace("{", "").replace("}", "")


def check_shape(response: httpx.Response) -> None:
    assert response.status_code < 500 or response.status_code in (501, 503), response.text
    if response.status_code >= 400 and "json" in response.headers["content-type"]:
        body = response.json()
        assert (
            body == {}
            or {"error_code", "message"} <= set(body)
            or {"schemas", "detail"} <= set(body)
            or "error" in body
        )


@given(requests_of(), st.sets(st.sampled_from(NAMES), max_size=2), st.booleans())
@FUZZ
def test_no_request_makes_the_emulator_fail(
    api: Api, known: dict[str, Any], request_: tuple[str, str, Any, dict[str, str]], named: set[str], right: bool
) -> None:
    method, path, body, query = request_
    if isinstance(body, dict):
        body |= {name: known[name] for name in named if name in known}
    check_shape(api.http.request(method, fill(path, known, right=right), json=body, params=query))
    api.call("DELETE", "/_local/faults")
    if right:
        for view in ("/_local/state", f"{JOBS}/list?expand_tasks=true", f"{JOBS}/runs/list?expand_tasks=true", "/"):
            assert api.call("GET", view).status_code == 200, view


@given(
    st.sampled_from(ROUTES),
    st.binary(max_size=30) | junk.map(lambda value: json.dumps(value).encode()),
    st.tuples(
        st.sampled_from(["application/json", "text/plain", "multipart/form-data; boundary=x", "multipart/form-data"]),
        st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12),
    ),
)
@FUZZ
def test_no_bytes_make_the_emulator_fail(
    api: Api, known: dict[str, Any], route: tuple[str, str], body: bytes, told: tuple[str, str]
) -> None:
    (method, path), (content_type, query) = route, told
    url = httpx.URL(fill(path, known, right=True), query=query.encode().replace(b"#", b""))
    check_shape(api.http.request(method, url, content=body, headers={"Content-Type": content_type}))
    api.call("DELETE", "/_local/faults")


@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20).map(lambda text: text.encode("latin-1"))
)
@FUZZ
def test_no_credentials_make_the_emulator_fail(api: Api, authorization: bytes) -> None:
    for method, path in (("GET", f"{JOBS}/list"), ("POST", "/oidc/v1/token")):
        response = api.http.request(method, path, headers={b"Authorization": authorization.strip()})
        assert response.status_code in (400, 401)
        check_shape(response)


@pytest.mark.parametrize(
    "path",
    sorted(route.path for route in all_routes() if route.access == "token" and route.method == "GET"),
)
def test_no_route_answers_without_a_token(api: Api, path: str) -> None:
    response = api.http.get(path.replace("{", "").replace("}", ""), headers={"Authorization": ""})
    assert (response.status_code, response.json()["error_code"]) == (401, "UNAUTHENTICATED")


RICH: dict[str, Any] = {
    "name": "nightly",
    "tasks": [
        task("a", max_retries=1, min_retry_interval_millis=5, timeout_seconds=9, new_cluster={"aws_attributes": {}}),
        task("b", "a", run_if="ALL_DONE", email_notifications={"on_failure": []}, webhook_notifications={}),
        {"task_key": "c", "sql_task": {"warehouse_id": "w", "file": {"path": "x"}}},
        {"task_key": "d", "for_each_task": {"inputs": "[]", "task": task("i")}},
        {"task_key": "e", "spark_python_task": {"python_file": "/x", "parameters": ["p"]}},
        {"task_key": "f", "condition_task": {"op": "EQUAL_TO", "left": "1", "right": "2"}},
    ],
    "job_clusters": [{"job_cluster_key": "k", "new_cluster": {"azure_attributes": {}}}],
    "parameters": [{"name": "p", "default": "d"}],
    "schedule": {"quartz_cron_expression": "0 0 * * * ?", "timezone_id": "UTC"},
    "queue": {"enabled": True},
    "tags": {"a": "b"},
    "run_as": {"user_name": "x"},
    "email_notifications": {"on_start": ["x"]},
    "max_concurrent_runs": 3,
    "timeout_seconds": 60,
    "access_control_list": [{"group_name": "g", "permission_level": "CAN_VIEW"}],
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += places(item, (*path, key))
    return found


def put(value: Any, path: tuple[Any, ...], new: object) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


@given(st.sampled_from(places(RICH)), junk)
@FUZZ
def test_settings_that_are_wrong_in_one_place_never_break_what_follows(
    api: Api, place: tuple[Any, ...], value: object
) -> None:
    response = api.call("POST", f"{JOBS}/create", put(RICH, place, value))
    assert response.status_code in (200, 400)
    if response.status_code == 400:
        assert response.json()["error_code"] == "INVALID_PARAMETER_VALUE"
        return
    job_id = response.json()["job_id"]
    settings_back = api.settings(job_id)
    assert api.post(f"{JOBS}/reset", {"job_id": job_id, "new_settings": settings_back}) == {}
    assert api.settings(job_id) == settings_back
    started = api.call("POST", f"{JOBS}/run-now", {"job_id": job_id})
    assert started.status_code in (200, 400)
    pages = ["/", f"/jobs/{job_id}", f"{JOBS}/list?expand_tasks=true", f"{JOBS}/runs/list?expand_tasks=true"]
    if started.status_code == 200:
        run_id = started.json()["run_id"]
        pages += [f"{JOBS}/runs/get?run_id={run_id}", f"/jobs/{job_id}/runs/{run_id}"]
    for path in pages:
        assert api.call("GET", path).status_code == 200
