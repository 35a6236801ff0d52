"""cancel-all, delete and export."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from tests.emulator.helpers import JOBS, Api, task

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from airbrick.emulator import Emulator, ManualClock


def state(api: Api, run_id: int) -> str:
    shown = api.run(run_id)["state"]
    return str(shown.get("result_state", shown["life_cycle_state"]))


def test_all_runs_of_a_job_are_cancelled_and_no_others(api: Api, clock: ManualClock) -> None:
    one, other = api.create(max_concurrent_runs=2, queue={"enabled": True}), api.create()
    mine = [api.run_now(one) for _ in range(3)]
    theirs = api.run_now(other)
    assert state(api, mine[2]) == "QUEUED"
    assert api.post(f"{JOBS}/runs/cancel-all", {"job_id": one}) == {}
    clock.advance(5)
    assert [state(api, run_id) for run_id in mine] == ["CANCELED"] * 3
    assert state(api, theirs) == "RUNNING"


@pytest.mark.parametrize("cancelled_at_s", [5.5, 6.5])
def test_a_loop_cancelled_between_two_attempts_starts_no_other(
    api: Api, clock: ManualClock, workspace: Emulator, cancelled_at_s: float
) -> None:
    workspace.plan(run_s=50, setup_s=0, cancel_s=1)
    loop = {
        "task_key": "each",
        "for_each_task": {"inputs": "[1]", "task": task("inner")},
        "timeout_seconds": 5,
        "max_retries": 1,
        "retry_on_timeout": True,
        "min_retry_interval_millis": 1000,
    }
    run_id = api.run_now(api.create(tasks=[loop]))
    clock.advance(cancelled_at_s)
    api.post(f"{JOBS}/runs/cancel", {"run_id": run_id})
    clock.advance(10)
    assert state(api, run_id) == "CANCELED"
    # The first attempt ran out of time at second 5, and took one more to end.
    attempts = api.run(run_id)["tasks"]
    assert [attempt["state"]["result_state"] for attempt in attempts] == ["TIMEDOUT", "CANCELED"]
    ends_ms = [attempt["end_time"] - api.run(run_id)["start_time"] for attempt in attempts]
    assert ends_ms == [6000, max(6000, int(cancelled_at_s * 1000))]
    assert attempts[1]["start_time"] == attempts[1]["end_time"]


@pytest.mark.parametrize("timeout", [{}, {"timeout_seconds": 30}])
def test_a_loop_over_runs_of_a_job_that_allows_one_at_a_time_makes_one_after_the_other(
    api: Api, clock: ManualClock, workspace: Emulator, timeout: dict[str, int]
) -> None:
    workspace.plan(run_s=5, setup_s=0)
    job_id = api.create(tasks=[task("t")], max_concurrent_runs=1)
    inner = {"task_key": "inner", "run_job_task": {"job_id": job_id}}
    loop = {"task_key": "each", "for_each_task": {"inputs": "[1, 2, 3]", "task": inner}, **timeout}
    run_id = api.run_now(api.create(tasks=[loop]))
    started_ms = api.run(run_id)["start_time"]
    for seconds in (4, 4, 4, 4):
        clock.advance(seconds)
        runs = api.get(f"{JOBS}/runs/list", job_id=job_id)["runs"]
        assert sum("end_time" not in run or not run["end_time"] for run in runs) <= 1
    assert state(api, run_id) == "SUCCESS"
    assert sorted(run["start_time"] - started_ms for run in runs) == [0, 5000, 10000]
    assert {run["state"]["result_state"] for run in runs} == {"SUCCESS"}


@pytest.mark.parametrize("everywhere", [True, False])
def test_queued_runs_alone_are_cancelled(api: Api, *, everywhere: bool) -> None:
    jobs = [api.create(queue={"enabled": True}) for _ in range(2)]
    running, queued = zip(*[(api.run_now(job_id), api.run_now(job_id)) for job_id in jobs], strict=True)
    api.post(f"{JOBS}/runs/cancel-all", {"all_queued_runs": True, **({} if everywhere else {"job_id": jobs[0]})})
    assert [state(api, run_id) for run_id in running] == ["PENDING"] * 2
    assert [state(api, run_id) for run_id in queued] == ["CANCELED", "CANCELED" if everywhere else "QUEUED"]


def test_cancel_all_needs_to_know_what(api: Api) -> None:
    for body, names in (({}, "Give job_id"), ({"job_id": 5}, "Job 5 does not exist"), ({"job_id": "x"}, "job_id")):
        status, code, message = api.error("POST", f"{JOBS}/runs/cancel-all", body)
        assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
        assert names in message


def test_a_deleted_run_is_gone_and_its_token_stays_taken(api: Api, clock: ManualClock) -> None:
    job_id = api.create()
    run_id = api.run_now(job_id, idempotency_token="once")
    task_run_id = api.run(run_id)["tasks"][0]["run_id"]
    status, code, message = api.error("POST", f"{JOBS}/runs/delete", {"run_id": run_id})
    assert (status, code) == (400, "INVALID_STATE")
    assert "still active" in message
    clock.advance(100)
    assert api.post(f"{JOBS}/runs/delete", {"run_id": run_id}) == {}
    for gone in (run_id, task_run_id):
        assert api.error("GET", f"{JOBS}/runs/get", run_id=gone)[2] == f"Run {gone} does not exist."
    assert "runs" not in api.get(f"{JOBS}/runs/list")
    status, code, message = api.error("POST", f"{JOBS}/run-now", {"job_id": job_id, "idempotency_token": "once"})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert f"run {run_id}, which was deleted" in message
    assert "runs" not in api.get(f"{JOBS}/runs/list")


def test_runs_are_kept_for_sixty_days(api: Api, clock: ManualClock) -> None:
    job_id = api.create()
    run_id = api.run_now(job_id)
    clock.advance(60 * 86_400)
    assert api.run(run_id)["run_id"] == run_id
    newer = api.run_now(job_id)
    clock.advance(2 * 3600)
    assert "does not exist" in api.error("GET", f"{JOBS}/runs/get", run_id=run_id)[2]
    assert [run["run_id"] for run in api.get(f"{JOBS}/runs/list")["runs"]] == [newer]


def test_a_notebooks_run_is_exported_as_a_page(
    client: WorkspaceClient, api: Api, workspace: Emulator, clock: ManualClock
) -> None:
    source = "# Databricks notebook source\nprint('<hello>')\n\n# COMMAND ----------\n\n1 + 1\n"
    content = base64.b64encode(source.encode()).decode()
    body = {"path": "/Shared/t", "format": "SOURCE", "language": "PYTHON", "content": content}
    api.post("/api/2.0/workspace/import", body)
    workspace.plan(output="42")
    run_id = api.run_now(api.create())
    clock.advance(100)
    views = client.jobs.export_run(run_id).views
    assert views is not None
    (view,) = views
    assert (view.name, str(view.type)) == ("t", "ViewType.NOTEBOOK")
    assert view.content is not None
    assert "print(&#x27;&lt;hello&gt;&#x27;)" in view.content
    assert "Notebook exited: 42" in view.content
    assert view.content.count("<pre>") == 3
    task_run_id = api.run(run_id)["tasks"][0]["run_id"]
    assert api.get(f"{JOBS}/runs/export", run_id=task_run_id)["views"][0]["content"] == view.content
    assert api.get(f"{JOBS}/runs/export", run_id=run_id, views_to_export="DASHBOARDS") == {"views": []}


def test_what_is_no_notebook_cannot_be_exported(api: Api) -> None:
    condition = {"task_key": "if", "condition_task": {"op": "EQUAL_TO", "left": "a", "right": "b"}}
    one = api.run_now(api.create(tasks=[condition]))
    several = api.run_now(api.create(tasks=[task("a"), task("b")]))
    path = f"{JOBS}/runs/export"
    assert "no run of a notebook" in api.error("GET", path, run_id=one)[2]
    assert "several task runs" in api.error("GET", path, run_id=several)[2]
    assert "views_to_export" in api.error("GET", path, run_id=one, views_to_export="X")[2]
    assert "does not exist" in api.error("GET", path, run_id=5)[2]
