"""The emulator's own endpoints and pages, which only this machine may open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from tests.emulator.helpers import JOBS, Api

from airbrick.emulator import ConfigurationError, Emulator

if TYPE_CHECKING:
    from airbrick.emulator import ManualClock


@pytest.mark.parametrize("path", ["/_local/health", "/_local/state", "/"])
def test_only_this_machine_and_its_own_pages_may_ask(workspace: Emulator, path: str) -> None:
    url = workspace.host + path
    assert httpx.get(url).status_code == 200
    assert httpx.get(url, headers={"Host": "evil.example"}).status_code == 403
    assert httpx.get(url, headers={"Origin": "http://evil.example"}).status_code == 403
    assert httpx.get(url, headers={"Origin": workspace.host}).status_code == 200


def test_health_says_what_runs(api: Api) -> None:
    assert api.get("/_local/health")["executes"] is False


def test_the_clock_is_read_and_advanced(api: Api, clock: ManualClock) -> None:
    before = api.get("/_local/clock")
    assert before == {"now_s": clock.now(), "speed": 0}
    assert api.post("/_local/clock", {"advance_s": 5})["now_s"] == before["now_s"] + 5
    for value in (-1, "5", None, True):
        assert api.error("POST", "/_local/clock", {"advance_s": value})[0] == 400


def test_the_context_manager_advances_a_manual_clock(workspace: Emulator) -> None:
    before = workspace.clock.now()
    assert workspace.advance(5) == before + 5


def test_the_machines_clock_can_be_advanced_too() -> None:
    workspace = Emulator()
    before = workspace.clock.now()
    assert workspace.advance(5) >= before + 5


def test_faults_and_plans_are_added_listed_and_cleared(api: Api, workspace: Emulator) -> None:
    fault = {"preset": "outage", "path": f"{JOBS}/*", "times": 3}
    assert api.post("/_local/faults", fault)["faults"][0]["status"] == 503
    assert api.error("GET", f"{JOBS}/list")[0] == 503
    assert len(api.get("/_local/faults")["faults"]) == 1
    assert api.call("DELETE", "/_local/faults").json() == {"faults": []}
    assert api.post("/_local/plans", {"result": "FAILED"})["plans"][0]["result"] == "FAILED"
    assert len(api.get("/_local/plans")["plans"]) == 1
    assert api.call("DELETE", "/_local/plans").json() == {"plans": []}
    assert "unknown preset" in api.error("POST", "/_local/faults", {"preset": "x"})[2]
    assert "unknown key" in api.error("POST", "/_local/plans", {"x": 1})[2]


def test_requests_are_listed_filtered_and_cleared(api: Api) -> None:
    api.run_now(api.create())
    assert len(api.get("/_local/requests")["requests"]) == 2
    found = api.get("/_local/requests", method="POST", path="*/run-now")["requests"]
    assert [record["path"] for record in found] == [f"{JOBS}/run-now"]
    assert api.call("DELETE", "/_local/requests").json() == {"requests": []}
    assert api.get("/_local/requests") == {"requests": []}


def test_the_state_shows_everything_but_credentials(api: Api, workspace: Emulator) -> None:
    job_id = api.create("nightly")
    api.run_now(job_id)
    response = api.call("GET", "/_local/state")
    state = response.json()
    assert [job["settings"]["name"] for job in state["jobs"]] == ["nightly"]
    assert [run["job_id"] for run in state["runs"]] == [job_id]
    assert "/Shared" in [item["path"] for item in state["files"]]
    for secret in (workspace.token, workspace.client_secret):
        assert secret not in response.text
    assert len(api.get("/_local/runs", job_id=5)["runs"]) == 0


def test_a_reset_empties_the_workspace_and_keeps_the_credentials(api: Api) -> None:
    api.run_now(api.create())
    api.post("/_local/reset", {})
    assert api.get(f"{JOBS}/list") == {"has_more": False}
    assert api.get("/_local/runs") == {"runs": []}


def test_a_reset_is_refused_while_code_runs() -> None:
    with Emulator(execute=True) as emulator, httpx.Client(base_url=emulator.host) as http:
        http.headers["Authorization"] = f"Bearer {emulator.token}"
        api = Api(http)
        source = {"path": "/Shared/t", "content": "aW1wb3J0IHRpbWUKdGltZS5zbGVlcCg2MDAp", "format": "SOURCE"}
        api.post("/api/2.0/workspace/import", {**source, "language": "PYTHON"})
        api.run_now(api.create())
        assert api.error("POST", "/_local/reset", {})[0] == 409
        with pytest.raises(ConfigurationError, match="cancel them"):
            emulator.reset()
