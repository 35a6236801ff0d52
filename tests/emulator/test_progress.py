"""How simulated runs go on: by the clock, at once, by polls, by hand; and how their times vary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.emulator.helpers import JOBS, Api, task

from airbrick.emulator import ConfigurationError, Plan

if TYPE_CHECKING:
    from airbrick.emulator import Emulator, ManualClock


def state(run: dict[str, Any]) -> str:
    return str(run["state"].get("result_state", run["state"]["life_cycle_state"]))


def test_an_instant_run_is_over_when_it_is_made(api: Api, workspace: Emulator) -> None:
    workspace.plan(progress="instant")
    run_id = api.run_now(api.create(tasks=[task("a"), task("b", "a")]))
    run = api.run(run_id)
    assert (state(run), run["run_duration"]) == ("SUCCESS", 0)


def test_a_polled_run_goes_on_with_each_look_at_it(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(progress="polls", output="42")
    job_id = api.create(tasks=[task("a"), task("b", "a")])
    run_id, other = api.run_now(job_id), api.run_now(api.create())
    clock.advance(1000)
    api.get(f"{JOBS}/runs/list")
    assert [state(api.run(run_id)) for _ in range(5)] == ["RUNNING", "RUNNING", "RUNNING", "SUCCESS", "SUCCESS"]
    assert state(api.run(other)) == "RUNNING"


def test_a_manual_run_goes_on_when_it_is_told(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(progress="manual", result="FAILED", error="boom")
    run_id = api.run_now(api.create())
    advance = f"/_local/runs/{run_id}/advance"
    clock.advance(1000)
    assert state(api.run(run_id)) == "PENDING"
    assert state(api.post(advance, {})) == "RUNNING"
    clock.advance(50)
    run = api.post(advance, {})
    assert (state(run), run["tasks"][0]["execution_duration"]) == ("FAILED", 50_000)
    assert "no open attempt" in api.error("POST", advance, {})[2]
    assert "does not exist" in api.error("POST", "/_local/runs/5/advance", {})[2]


def test_a_cancelled_manual_run_waits_for_its_last_step(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(progress="manual")
    run_id = api.run_now(api.create(tasks=[task("a", max_retries=1), task("b", "a")]))
    api.post(f"{JOBS}/runs/cancel", {"run_id": run_id})
    clock.advance(1000)
    assert state(api.run(run_id)) == "TERMINATING"
    assert state(api.post(f"/_local/runs/{run_id}/advance", {})) == "CANCELED"


def test_a_manual_run_has_time_limits_of_the_clock(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(progress="manual")
    run_id = api.run_now(api.create(tasks=[task("a", timeout_seconds=60)]))
    clock.advance(61)
    assert api.run(run_id)["tasks"][0]["state"]["result_state"] == "TIMEDOUT"


def test_iterations_and_queued_runs_go_on_by_steps_too(api: Api, workspace: Emulator) -> None:
    workspace.plan(progress="manual")
    each = {"task_key": "each", "for_each_task": {"inputs": "[1, 2]", "task": task("one")}}
    job_id = api.create(tasks=[each], queue={"enabled": True})
    run_id, queued = api.run_now(job_id), api.run_now(job_id)
    for _ in range(4):
        assert state(api.run(run_id)) != "SUCCESS"
        assert state(api.run(queued)) == "QUEUED"
        api.post(f"/_local/runs/{run_id}/advance", {})
    assert state(api.run(run_id)) == "SUCCESS"
    assert state(api.run(queued)) == "RUNNING"


def test_times_vary_as_the_seed_says() -> None:
    plan = Plan(setup_s=10, run_s=100, jitter=0.5, seed=7)
    times = [plan.durations(number) for number in range(200)]
    assert times == [plan.durations(number) for number in range(200)]
    assert len(set(times)) == 200
    assert all(5 <= setup_s <= 15 and 50 <= run_s <= 150 for setup_s, run_s in times)
    assert Plan(setup_s=10, run_s=100, jitter=0.5, seed=8).durations(0) != times[0]
    assert Plan(setup_s=10, run_s=100).durations(0) == (10, 100)


def test_a_run_that_varies_has_the_same_times_at_every_look(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(jitter=1.0)
    job_id = api.create(max_concurrent_runs=10)
    made = [api.run_now(job_id) for _ in range(5)]
    clock.advance(100)
    first = [api.run(run_id)["run_duration"] for run_id in made]
    assert len(set(first)) > 1
    assert [api.run(run_id)["run_duration"] for run_id in made] == first


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"jitter": 2}, "jitter must be from 0 to 1"),
        ({"jitter": "x"}, "jitter must be a number, 0 or more"),
        ({"seed": 1.5}, "seed must be a whole number"),
        ({"progress": "fast"}, "progress must be one of clock, instant, polls, manual"),
        ({"outcome": "maybe"}, "outcome must be true or false"),
        ({"values": [1]}, "values must be an object"),
        ({"values": {"a": {1}}}, "values must be an object"),
        ({"nope": 1}, "unknown key 'nope'"),
    ],
)
def test_wrong_plans_are_refused(workspace: Emulator, values: dict[str, Any], names: str) -> None:
    with pytest.raises(ConfigurationError, match=names):
        workspace.plan(**values)
