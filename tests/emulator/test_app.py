"""What holds for every endpoint: tokens, bodies, unknown routes, faults, the record of requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.emulator.helpers import JOBS, Api, task

from airbrick.emulator import ConfigurationError
from airbrick.emulator.api import all_routes
from airbrick.emulator.clock import ManualClock, SystemClock
from airbrick.emulator.desk import _host_name, _is_loopback
from airbrick.emulator.faults import FaultBook, FaultRule, read_fault
from airbrick.emulator.plans import Plan, read_plan
from airbrick.emulator.wire import Route, Router

if TYPE_CHECKING:
    from airbrick.emulator import Emulator


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Bearer", "Basic eA==", "Bearer ünknown"])
def test_without_a_known_token_nothing_is_answered(workspace: Emulator, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization.encode()}
    response = httpx.get(f"{workspace.host}{JOBS}/list", headers=headers)  # type: ignore[arg-type]  # bytes are allowed
    assert response.status_code == 401
    assert response.json()["error_code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/2.0/repos"), ("DELETE", "/api/9/x"), ("POST", "/nowhere")])
def test_an_unknown_route_is_refused_by_name(api: Api, method: str, path: str) -> None:
    status, code, message = api.error(method, path)
    assert (status, code) == (501, "NOT_IMPLEMENTED")
    assert f"{method} {path}" in message


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", f"{JOBS}/get"), ("GET", f"{JOBS}/create"), ("POST", "/api/2.0/permissions/jobs/5")]
)
def test_a_method_that_a_path_does_not_have_is_named(api: Api, method: str, path: str) -> None:
    assert api.error(method, path) == (404, "ENDPOINT_NOT_FOUND", f"No API found for '{method} {path}'")


@pytest.mark.parametrize("token", ["x", "!", "YWlyYnJpY2s6LTE", "YWlyYnJpY2s6eA", "é"])
@pytest.mark.parametrize(
    "path",
    [f"{JOBS}/list", f"{JOBS}/get", f"{JOBS}/runs/list", "/api/2.1/clusters/list", "/api/2.0/sql/warehouses"],
)
def test_a_page_token_of_ones_own_making_is_refused(api: Api, path: str, token: str) -> None:
    status, code, message = api.error("GET", path, job_id=api.create(), page_token=token)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert "page_token" in message


def test_a_body_that_is_nested_too_deeply_is_refused(api: Api) -> None:
    deep: Any = 5
    for _ in range(70):
        deep = {"x": deep}
    assert api.error("POST", f"{JOBS}/create", {"tasks": [task("t")], "new": deep})[:2] == (400, "MALFORMED_REQUEST")
    wide = {"tasks": [task("t")], "new": [{"x": [5]} for _ in range(200)]}
    assert api.settings(api.post(f"{JOBS}/create", wide)["job_id"])["new"] == wide["new"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "nonsense", ""])
def test_a_body_is_read_as_json_whatever_its_content_type(api: Api, content_type: str) -> None:
    response = api.http.post(f"{JOBS}/create", content=b'{"name": "x"}', headers={"Content-Type": content_type})
    assert "job_id" in response.json()


@pytest.mark.parametrize(
    "body", ["{", "[1]", '"x"', "5", "\ufeff{}", '{"job_id": NaN}', '{"a": "\\ud800"}', "{" * 2000]
)
def test_a_body_that_is_no_json_object_is_refused(api: Api, body: str) -> None:
    response = api.http.post(f"{JOBS}/run-now", content=body.encode("utf-8", "surrogatepass"))
    assert response.status_code == 400
    assert response.json()["error_code"] == "MALFORMED_REQUEST"


def test_parameters_of_a_get_come_from_the_query_or_the_body(api: Api) -> None:
    job_id = api.create()
    run_id = api.run_now(job_id)
    for path, name, value in ((f"{JOBS}/get", "job_id", job_id), (f"{JOBS}/runs/get", "run_id", run_id)):
        by_query = api.call("GET", path, **{name: value}).json()
        by_body = api.call("GET", path, {name: value}).json()
        assert by_query == by_body
        assert by_query[name] == value
    assert len(api.call("GET", f"{JOBS}/runs/list", {"active_only": True, "limit": 5}).json()["runs"]) == 1
    assert api.call("GET", "/api/2.0/workspace/get-status", {"path": "/Shared"}).json()["object_type"] == "DIRECTORY"


def test_every_success_is_json_and_never_empty(api: Api) -> None:
    job_id = api.create()
    for path, body in (("update", {"job_id": job_id}), ("delete", {"job_id": job_id})):
        response = api.call("POST", f"{JOBS}/{path}", body)
        assert response.json() == {}
        assert response.headers["content-type"] == "application/json"


def test_a_lost_answer_leaves_its_effect(api: Api, workspace: Emulator) -> None:
    workspace.fault("lost_ack", path=f"{JOBS}/create")
    with pytest.raises(httpx.RemoteProtocolError):
        api.create("lost")
    assert [job["settings"]["name"] for job in api.get(f"{JOBS}/list")["jobs"]] == ["lost"]
    workspace.fault("lost_ack", path=f"{JOBS}/create", status=503)
    assert api.error("POST", f"{JOBS}/create", {"tasks": [task("t")]})[0] == 503
    assert len(api.get(f"{JOBS}/list")["jobs"]) == 2
    assert [record.fault for record in workspace.requests("POST")] == ["lost_ack", "lost_ack"]


def test_an_outage_has_no_effect(api: Api, workspace: Emulator) -> None:
    workspace.fault("outage", path=f"{JOBS}/*", times=2)
    assert api.error("POST", f"{JOBS}/create", {"tasks": [task("t")]})[:2] == (503, "TEMPORARILY_UNAVAILABLE")
    assert api.error("GET", f"{JOBS}/list")[0] == 503
    assert api.get(f"{JOBS}/list") == {"has_more": False}
    workspace.fault("outage", drop="before_headers")
    with pytest.raises(httpx.RemoteProtocolError):
        api.create()
    assert api.get(f"{JOBS}/list") == {"has_more": False}


def test_throttling_says_when_to_come_back(api: Api, workspace: Emulator) -> None:
    workspace.fault("throttle", method="GET", retry_after_s=7)
    response = api.call("GET", f"{JOBS}/list")
    assert (response.status_code, response.headers["retry-after"]) == (429, "7")
    assert response.json()["error_code"] == "REQUEST_LIMIT_EXCEEDED"


def test_half_a_body_arrives_as_half_a_body(api: Api, workspace: Emulator) -> None:
    job_id = api.create()
    workspace.fault("half_body", path=f"{JOBS}/get")
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed"):
        api.settings(job_id)
    assert api.settings(job_id)["name"] == "job"


def test_an_expired_token_is_a_401_once(api: Api, workspace: Emulator) -> None:
    workspace.fault("token_expired")
    assert api.error("GET", f"{JOBS}/list")[:2] == (401, "UNAUTHENTICATED")
    api.get(f"{JOBS}/list")


def test_a_fault_skips_and_counts(api: Api, workspace: Emulator) -> None:
    workspace.fault("outage", path=f"{JOBS}/list", skip=1, times=2)
    statuses = [api.call("GET", f"{JOBS}/list").status_code for _ in range(5)]
    assert statuses == [200, 503, 503, 200, 200]


def test_a_fault_without_end_lasts(api: Api, workspace: Emulator) -> None:
    workspace.fault("outage", times=None)
    assert {api.call("GET", f"{JOBS}/list").status_code for _ in range(5)} == {503}
    workspace.forget()
    api.get(f"{JOBS}/list")


def test_a_fault_may_answer_anything(api: Api, workspace: Emulator) -> None:
    workspace.fault(path=f"{JOBS}/runs/get", status=200, body={"state": {"life_cycle_state": "DREAMING"}})
    assert api.run(5)["state"]["life_cycle_state"] == "DREAMING"


def test_the_first_fault_that_still_hits_wins() -> None:
    book = FaultBook()
    book.add(FaultRule(name="a", status=500))
    book.add(FaultRule(name="b", status=501))
    hits = [book.hit("GET", "/x") for _ in range(3)]
    assert [rule and rule.name for rule in hits] == ["a", "b", None]
    assert book.rules() == []


@pytest.mark.parametrize(
    ("preset", "values", "message"),
    [
        ("nope", {}, "unknown preset 'nope'; known are bad_json, half_body, lost_ack"),
        (None, {"stauts": 5}, "unknown key 'stauts'"),
        (None, {}, "give a status"),
        ("outage", {"times": "2"}, "times must be a whole number"),
        ("outage", {"skip": None}, "skip must be a whole number"),
        ("outage", {"when": "later"}, "when must be one of before, after"),
        ("outage", {"drop": "all"}, "drop must be one of"),
        ("outage", {"path": 5}, "path must be a string"),
        ("outage", {"status": 99_999}, "status must be from 200 to 599"),
        ("outage", {"body": []}, "body must be a JSON object"),
        ([], {}, "unknown preset"),
    ],
)
def test_a_fault_that_means_nothing_is_refused(preset: object, values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_fault(preset, values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"result": "OK"}, "result must be one of SUCCESS, FAILED"),
        ({"run_s": -1}, "run_s must be a number, 0 or more"),
        ({"run_s": float("nan")}, "run_s must be a number, 0 or more"),
        ({"setup_s": "5"}, "setup_s"),
        ({"attempt": "first"}, "attempt must be a number"),
        ({"job": 5}, "job must be a string"),
        ({"jobs": "x"}, "unknown key 'jobs'"),
    ],
)
def test_a_plan_that_means_nothing_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_plan(values)


def test_plans_match_by_glob_and_attempt() -> None:
    plan = Plan(job="night*", task="l?ad", attempt=1)
    assert plan.matches("nightly", "load", 1)
    assert not plan.matches("nightly", "load", 0)
    assert not plan.matches("Nightly", "load", 1)


def test_requests_are_recorded_without_credentials(api: Api, workspace: Emulator) -> None:
    api.get(f"{JOBS}/list", limit=5)
    api.call("POST", f"{JOBS}/create", {"name": "x", "client_secret": "hush", "tasks": [task("t")]})
    httpx.post(
        f"{workspace.host}/oidc/v1/token",
        data={"grant_type": "client_credentials", "client_id": workspace.client_id, "client_secret": "hush"},
    )
    listed, created, token = workspace.requests()
    assert (listed.method, listed.path, listed.query, listed.status) == ("GET", f"{JOBS}/list", {"limit": "5"}, 200)
    assert listed.identity == "engineer@example.com"
    assert created.body["name"] == "x"
    assert token.body is None
    text = json.dumps([record.as_dict() for record in workspace.requests()])
    assert "hush" not in text
    assert workspace.token not in text
    assert workspace.requests("POST", f"{JOBS}/*") == [created]


def test_a_large_body_is_not_recorded(api: Api, workspace: Emulator) -> None:
    api.create(description="x" * 70_000)
    record = workspace.requests()[0]
    assert record.body is None
    assert record.size_bytes > 70_000


def test_a_defect_is_a_500_that_says_so(
    api: Api, workspace: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(workspace._store, "jobs", None)
    status, code, message = api.error("GET", f"{JOBS}/list")
    assert (status, code) == (500, "INTERNAL_ERROR")
    assert "Defect in the airbrick emulator" in message
    assert "Traceback" in capsys.readouterr().err


def test_a_path_has_one_route() -> None:
    route = Route("GET", "/x", lambda _store, _call: {})
    with pytest.raises(AssertionError, match="two routes"):
        Router((route, Route("GET", "/x", lambda _store, _call: {})))
    Router(all_routes())


def test_the_system_clock_goes_at_its_speed_and_the_manual_clock_stands() -> None:
    fast = SystemClock(speed=1e6)
    first = fast.now()
    assert fast.now() >= first
    assert fast.speed == 1e6
    manual = ManualClock(5)
    assert manual.now() == manual.now() == 5
    assert manual.advance(2) == 7
    with pytest.raises(ConfigurationError, match="back"):
        manual.advance(-1)
    with pytest.raises(ConfigurationError, match="speed"):
        SystemClock(0)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1:80", True),
        ("localhost", True),
        ("[::1]:80", True),
        ("127.9.9.9", True),
        ("evil.example:80", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback_names_are_known(host: str, *, loopback: bool) -> None:
    assert _is_loopback(_host_name(host)) is loopback
