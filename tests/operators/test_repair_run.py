"""Repairs, on a real Airflow: on retry, and of a run that is named."""

import pytest
from tests.operators.helpers import Job, api, posts, runs, wait_until_ended
from tests.operators.tasks import Airflow

from airbrick.emulator import Emulator
from airbrick.operators.errors import RunRejectedError

REPAIR = "/api/2.2/jobs/runs/repair"
ETL = 'RunNowOperator(task_id="etl", job="nightly", retries=3, on_retry={!r})'


def test_a_retry_repairs_the_run_that_failed(airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(result="FAILED", error="boom")
    task = airflow.dag_run(ETL.format("repair"))
    assert task.to_the_end(task.attempt()).state == "up_for_retry"
    workspace.forget()
    workspace.plan(result="SUCCESS", run_s=20, output="5")
    deferred = task.attempt()
    assert deferred.state == "deferred", deferred.error
    ended = task.to_the_end(deferred)
    assert ended.state == "success", ended.error
    (run,) = runs(workspace)
    assert task.xcoms()["run_id"] == run["run_id"]
    assert task.xcoms()["return_value"] == 5
    assert posts(workspace, REPAIR) == 1


@pytest.mark.parametrize("preset", ["lost_ack", "half_body", "outage", "throttle"])
def test_a_fault_on_the_way_leaves_one_repair(preset: str, airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(result="FAILED")
    task = airflow.dag_run(ETL.format("repair"))
    assert task.to_the_end(task.attempt()).state == "up_for_retry"
    workspace.forget()
    workspace.plan(result="SUCCESS", run_s=50)
    workspace.fault(preset, path=REPAIR, times=1)
    ended = task.to_the_end(task.attempt())
    assert ended.state == "success", ended.error
    (run,) = runs(workspace)
    shown = api(workspace, "GET", f"/api/2.2/jobs/runs/get?run_id={run['run_id']}&include_history=true")
    assert [item["type"] for item in shown["repair_history"]] == ["ORIGINAL", "REPAIR"]


def test_a_run_that_a_person_cancelled_is_not_repaired(airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(run_s=100_000)
    task = airflow.dag_run(ETL.format("repair"))
    deferred = task.attempt()
    (run,) = runs(workspace)
    api(workspace, "POST", "/api/2.2/jobs/runs/cancel", run_id=run["run_id"])
    ended = task.to_the_end(deferred)
    assert (ended.state, posts(workspace, REPAIR)) == ("failed", 0)


def test_a_failure_that_stands_is_not_retried(airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(result="FAILED")
    task = airflow.dag_run(ETL.format("fail"))
    assert task.to_the_end(task.attempt()).state == "up_for_retry"
    ended = task.to_the_end(task.attempt())
    assert ended.state == "failed"
    assert isinstance(ended.error, RunRejectedError)
    assert len(runs(workspace)) == 1


def test_a_named_run_is_repaired_and_watched(airflow: Airflow, workspace: Emulator, job: Job) -> None:
    workspace.plan(result="FAILED")
    run_id = api(workspace, "POST", "/api/2.2/jobs/run-now", job_id=job.job_id)["run_id"]
    wait_until_ended(workspace, run_id)
    workspace.forget()
    workspace.plan(result="SUCCESS", run_s=30)
    task = airflow.dag_run(f'RepairRunOperator(task_id="etl", run_id={run_id}, retries=2)')
    deferred = task.attempt()
    assert deferred.state == "deferred", deferred.error
    ended = task.to_the_end(deferred)
    assert ended.state == "success", ended.error
    assert task.xcoms()["job_id"] == job.job_id
    assert posts(workspace, REPAIR) == 1
