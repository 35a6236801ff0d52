"""Faults and rate limits: which requests they hit, and what becomes of those."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.emulator.helpers import JOBS, Api

from airbrick.emulator import ConfigurationError, FaultRule
from airbrick.emulator.faults import PRESETS, FaultBook
from airbrick.emulator.rate_limits import RateLimit, RateLimits

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from airbrick.emulator import Emulator, ManualClock

LIST = f"{JOBS}/list"


def test_every_preset_has_its_name_and_says_what_it_does() -> None:
    assert set(PRESETS) == {
        "throttle",
        "outage",
        "lost_ack",
        "half_body",
        "token_expired",
        "slow",
        "stale_read",
        "bad_json",
    }
    assert all(rule.name == name for name, rule in PRESETS.items())


def test_a_fault_hits_requests_of_one_token_alone(api: Api, workspace: Emulator) -> None:
    answer = httpx.post(
        f"{workspace.host}/oidc/v1/token",
        data={"grant_type": "client_credentials", "scope": "all-apis"},
        auth=(workspace.client_id, workspace.client_secret),
    ).json()
    other = {"Authorization": f"Bearer {answer['access_token']}"}
    workspace.fault("outage", token=workspace.token, times=None)
    assert api.error("GET", LIST)[0] == 503
    assert httpx.get(workspace.host + LIST, headers=other).status_code == 200
    shown = api.get("/_local/faults")["faults"][0]["token"]
    assert shown == f"…{workspace.token[-4:]}"
    assert workspace.token not in repr(FaultRule(status=500, token=workspace.token))


def test_a_probability_hits_some_and_the_seed_decides_which() -> None:
    def hits(seed: int) -> list[bool]:
        book = FaultBook()
        book.add(FaultRule(status=503, times=None, probability=0.3, seed=seed))
        return [book.hit("GET", "/a") is not None for _ in range(1000)]

    assert hits(1) == hits(1) != hits(2)
    assert 200 < sum(hits(1)) < 400


def test_skip_and_times_count_the_hits() -> None:
    book = FaultBook()
    book.add(FaultRule(status=503, skip=2, times=2, path="/a*"))
    assert book.hit("GET", "/b") is None
    assert [book.hit("GET", "/ab") is not None for _ in range(6)] == [False, False, True, True, False, False]
    assert book.rules() == []


def test_a_slow_answer_is_late_and_whole_and_others_are_not_held_up(api: Api, workspace: Emulator) -> None:
    workspace.fault("slow", delay_s=0.4, path="*/run-now")
    job_id = api.create()
    start_s = time.monotonic()
    assert api.run_now(job_id)
    assert time.monotonic() - start_s >= 0.4
    assert len(workspace.requests(path="*/run-now")) == 1


def test_a_stale_read_shows_runs_as_they_were(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    run_id = api.run_now(api.create())
    clock.advance(100)
    assert api.run(run_id)["state"]["life_cycle_state"] == "TERMINATED"
    workspace.fault("stale_read", stale_s=97)
    stale = api.run(run_id)
    assert stale["state"]["life_cycle_state"] == "RUNNING"
    assert "end_time" not in stale
    assert api.run(run_id)["state"]["result_state"] == "SUCCESS"
    workspace.fault("stale_read", stale_s=97)
    assert api.run_now(api.create()) != run_id


def test_a_body_that_is_no_json_comes_after_the_effect(api: Api, workspace: Emulator) -> None:
    job_id = api.create()
    workspace.fault("bad_json", path="*/run-now")
    response = api.call("POST", f"{JOBS}/run-now", {"job_id": job_id})
    assert response.status_code == 200
    with pytest.raises(ValueError, match="Unterminated"):
        response.json()
    assert len(api.get(f"{JOBS}/runs/list")["runs"]) == 1


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"status": 503, "probability": 2}, "probability must be a number from 0 to 1"),
        ({"status": 503, "probability": "x"}, "probability must be a number"),
        ({"delay_s": -1}, "delay_s must be a number from 0 to 600"),
        ({"stale_s": True}, "stale_s must be a number"),
        ({"status": 503, "seed": "x"}, "seed must be a whole number"),
        ({"status": 503, "token": 5}, "token must be a string"),
        ({"text": "x"}, "text needs a status"),
        ({}, "give a status, a delay_s, a stale_s, or drop"),
    ],
)
def test_a_fault_that_means_nothing_is_refused(workspace: Emulator, values: dict[str, Any], names: str) -> None:
    with pytest.raises(ConfigurationError, match=names):
        workspace.fault(**values)


def test_a_rate_limit_lets_through_what_its_clock_allows(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.rate_limit(path=LIST, per_s=0.5, burst=2)
    api.get(LIST)
    api.get(LIST)
    response = api.call("GET", LIST)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "2")
    assert response.json()["error_code"] == "REQUEST_LIMIT_EXCEEDED"
    assert api.get(f"{JOBS}/runs/list")["has_more"] is False
    clock.advance(2)
    api.get(LIST)
    assert api.error("GET", LIST)[0] == 429
    assert [record.fault for record in workspace.requests(path=LIST)][-1] == "rate_limit"


def test_rate_limits_are_added_listed_and_cleared(api: Api) -> None:
    limit = {"path": LIST, "per_s": 1, "burst": 1, "method": "GET"}
    assert api.post("/_local/rate-limits", limit)["rate_limits"] == [limit]
    assert api.get("/_local/rate-limits")["rate_limits"] == [limit]
    assert api.call("DELETE", "/_local/rate-limits").json() == {"rate_limits": []}
    for body, names in (
        ({"path": "/a"}, "per_s is missing"),
        ({"path": "/a", "per_s": 0}, "per_s must be"),
        ({"path": "/a", "per_s": 1, "x": 1}, "unknown key 'x'"),
        ({"path": 1, "per_s": 1}, "path must be a string"),
    ):
        assert names in api.error("POST", "/_local/rate-limits", body)[2]


def test_over_any_time_no_more_come_through_than_the_limit_says() -> None:
    limits = RateLimits()
    limits.add(RateLimit("/a", per_s=10, burst=5), 0)
    passed = sum(limits.wait_s("GET", "/a", step / 1000) == 0 for step in range(10_000))
    assert 100 <= passed <= 105


def test_the_official_client_waits_as_it_is_told(client: WorkspaceClient, workspace: Emulator) -> None:
    workspace.fault("throttle", path=LIST)
    assert list(client.jobs.list()) == []
    assert len(workspace.requests(path=LIST)) == 2
