"""Steering through ``/_local``: the clock, and filling a workspace."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.emulator.helpers import JOBS, Api, task

from airbrick.emulator import Emulator, SystemClock
from airbrick.emulator.clock import LAST_S

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def running() -> Iterator[tuple[Api, SystemClock]]:
    clock = SystemClock()
    headers = {}
    with Emulator(clock=clock) as workspace:
        headers["Authorization"] = f"Bearer {workspace.token}"
        with httpx.Client(base_url=workspace.host, headers=headers) as http:
            yield Api(http), clock


def test_a_running_clock_is_frozen_advanced_and_thawed(running: tuple[Api, SystemClock]) -> None:
    api, _ = running
    still = api.post("/_local/clock", {"frozen": True})
    assert still["speed"] == 0
    assert api.get("/_local/clock") == still
    assert api.post("/_local/clock", {"advance_s": 60})["now_s"] == still["now_s"] + 60
    going = api.post("/_local/clock", {"frozen": False})
    assert going["speed"] == 1
    assert api.get("/_local/clock")["now_s"] > still["now_s"] + 60


def test_a_running_clock_goes_faster(running: tuple[Api, SystemClock]) -> None:
    api, clock = running
    before = clock.now()
    assert api.post("/_local/clock", {"speed": 1e4})["speed"] == 1e4
    run_id = api.run_now(api.create())
    while api.run(run_id)["state"]["life_cycle_state"] != "TERMINATED":
        assert clock.now() < before + 1e7
    assert api.run(run_id)["run_duration"] == 7_000


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({}, "advance_s must be given"),
        ({"speed": 0}, "speed must be"),
        ({"speed": "x"}, "speed must be"),
        ({"frozen": "yes"}, "frozen must be"),
        ({"advance_s": -1}, "advance_s must be"),
        ({"advance_s": 1e12}, "advance_s: a clock goes neither back nor past the year 9998"),
        ({"advance_s": 1e300}, "advance_s: a clock goes neither back nor past the year 9998"),
        ({"advance_s": 1e999}, "JSON"),
    ],
)
def test_wrong_clocks_are_refused(running: tuple[Api, SystemClock], body: dict[str, Any], names: str) -> None:
    api, _ = running
    if body.get("advance_s") == float("inf"):
        response = api.http.post("/_local/clock", content=b'{"advance_s": 1e999}')
        assert response.status_code == 400
        return
    assert names in api.error("POST", "/_local/clock", body)[2]


def test_a_manual_clock_has_no_speed(api: Api) -> None:
    assert "manual clock" in api.error("POST", "/_local/clock", {"speed": 2})[2]


def test_a_workspace_is_filled_in_one_request(api: Api, workspace: Emulator) -> None:
    note = "# Databricks notebook source\nprint(1)\n"
    body = {
        "jobs": [{"name": "a", "tasks": [task("t")]}, {"name": "b", "tasks": [task("t")]}],
        "files": [{"path": "/Shared/n.py", "content": note}, {"path": "/Shared/data.csv", "content": "é,1\n"}],
        "plans": [{"job": "a", "result": "FAILED"}],
    }
    made = api.post("/_local/seed", body)["jobs"]
    assert api.settings(made["b"])["name"] == "b"
    exported = api.get("/api/2.0/workspace/export", path="/Shared/data.csv")["content"]
    assert base64.b64decode(exported).decode() == "é,1\n"
    assert api.get("/api/2.0/workspace/get-status", path="/Shared/n")["object_type"] == "NOTEBOOK"
    run_id = api.run_now(made["a"])
    workspace.advance(100)
    assert api.run(run_id)["state"]["result_state"] == "FAILED"
    held = api.get("/_local/state")
    assert [plan["job"] for plan in held["plans"]] == ["a"]
    assert len(api.get(f"{JOBS}/list")["jobs"]) == 2


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"job": []}, "unknown key 'job'; known are files, jobs, plans"),
        ({"jobs": {}}, "jobs must be a list"),
        ({"files": [{"path": "/a"}]}, "path and content"),
        ({"plans": [{"x": 1}]}, "unknown key 'x'"),
        ({"jobs": [{"name": 1}]}, "name must be a string"),
    ],
)
def test_a_wrong_seed_is_refused(api: Api, body: dict[str, Any], names: str) -> None:
    status, _, message = api.error("POST", "/_local/seed", body)
    assert status == 400
    assert names in message


def test_the_last_moment_of_a_clock_has_a_date(running: tuple[Api, SystemClock]) -> None:
    api, clock = running
    api.post("/_local/clock", {"speed": 1e300, "frozen": False})
    assert api.get("/_local/clock")["now_s"] == clock.now() == LAST_S
    secret = api.post("/api/2.0/accounts/servicePrincipals/100002/credentials/secrets", {})
    assert secret["create_time"].startswith("9999-01-01")
    assert api.call("GET", "/controls").status_code == 200


@pytest.mark.parametrize("run_id", ["9" * 19, "9" * 5000, "x"])
def test_a_run_to_advance_must_be_one(api: Api, run_id: str) -> None:
    status, code, message = api.error("POST", f"/_local/runs/{run_id}/advance", {})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message.lower().startswith("run")


def test_a_page_token_of_too_many_digits_is_refused(api: Api) -> None:
    token = base64.urlsafe_b64encode(b"airbrick:" + b"9" * 5000).decode()
    assert api.error("GET", f"{JOBS}/list", page_token=token)[2] == "page_token is invalid"
