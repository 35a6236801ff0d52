"""How a task's deadlines end its run, on a real Airflow."""

import time

import pytest
from tests.operators.helpers import STATEMENTS, api, impatient, keep_the_start, posts, provision, runs
from tests.operators.tasks import Airflow, trigger_of

from airbrick.emulator import Emulator
from airbrick.operators.errors import RunDeadlineError

LONG_S = 100_000
HOUR = "execution_timeout=timedelta(hours=1)"


@pytest.mark.parametrize("deferrable", [True, False])
def test_a_run_that_takes_too_long_is_cancelled_and_the_next_attempt_starts_another(
    deferrable: bool, airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.plan(setup_s=0, run_s=LONG_S)
    task = airflow.dag_run(
        f'RunNowOperator(task_id="etl", job="nightly", retries=3, run_timeout=1, deferrable={deferrable})'
    )
    ended = task.to_the_end(task.attempt())
    assert ended.state == "up_for_retry"
    assert isinstance(ended.error, RunDeadlineError)
    assert ended.error.deadline == "run"
    assert "passed its run deadline of 1 s and was cancelled: it was RUNNING" in str(ended.error)
    workspace.plan(setup_s=0, run_s=0)
    assert task.to_the_end(task.attempt()).state == "success"
    assert sorted(run["state"]["result_state"] for run in runs(workspace)) == ["CANCELED", "SUCCESS"]


def test_a_run_that_stays_in_the_queue_is_cancelled(airflow: Airflow, workspace: Emulator) -> None:
    job = provision(workspace, "queued", queue={"enabled": True}, max_concurrent_runs=1)
    airflow.write_contract([job])
    workspace.plan(run_s=LONG_S)
    api(workspace, "POST", "/api/2.2/jobs/run-now", job_id=job.job_id)
    task = airflow.dag_run('RunNowOperator(task_id="etl", job="queued", queue_timeout=1, retries=3)')
    ended = task.to_the_end(task.attempt())
    assert isinstance(ended.error, RunDeadlineError)
    assert ended.error.deadline == "queue"


def test_what_is_left_of_execution_timeout_holds_while_deferred(airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(run_s=LONG_S)
    task = airflow.dag_run(
        'RunNowOperator(task_id="etl", job="nightly", retries=3, execution_timeout=timedelta(seconds=100))'
    )
    deferred = task.attempt()
    assert deferred.state == "deferred", deferred.error
    ended = task.to_the_end(deferred)
    assert isinstance(ended.error, RunDeadlineError)
    assert ended.error.deadline == "execution"


def test_execution_timeout_is_over_where_airflow_forgets_when_the_attempt_started(
    airflow: Airflow, workspace: Emulator
) -> None:
    workspace.plan(run_s=LONG_S)
    task = airflow.dag_run(
        'RunNowOperator(task_id="etl", job="nightly", retries=3, execution_timeout=timedelta(minutes=10))'
    )
    deferred = task.attempt()
    # Airflow 3.1 says after a trigger, as these tests' task runner does, that the attempt has just started.
    ended = task.resume(task.watch(deferred) | {"at": trigger_of(deferred).deadlines.execution_at})
    assert isinstance(ended.error, RunDeadlineError), ended
    assert ended.error.deadline == "execution"
    assert posts(workspace, "/api/2.2/jobs/runs/cancel") == 1


@pytest.mark.parametrize("trigger_failed", [False, True])
@pytest.mark.parametrize("what", ["run", "statement"])
def test_a_task_that_is_cleared_while_it_reports_has_all_its_time_again(  # noqa: PLR0917 -- fixtures
    what: str,
    trigger_failed: bool,
    airflow: Airflow,
    workspace: Emulator,
    warehouse: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep_the_start(monkeypatch)
    workspace.plan(setup_s=0, run_s=60)
    workspace.plan_statement(run_s=60)
    asked = f'RunNowOperator(task_id="etl", job="nightly", {HOUR})'
    if what == "statement":
        asked = f'SqlStatementOperator(task_id="etl", statement="select 1", warehouse_id={warehouse!r}, {HOUR})'
    task = airflow.dag_run(asked)
    event = task.watch(task.attempt())
    task.started_earlier(3660)
    task.set_state("running")
    task.clear()
    again = task.trigger_failed(new_attempt=True) if trigger_failed else task.resume(event, new_attempt=True)
    assert again.state == "deferred", again.error
    # Whatever wakes it then, Airflow still gives the start of the attempt before.
    ended = task.to_the_end(task.trigger_failed() if trigger_failed else task.resume(task.watch(again)))
    assert ended.state == "success", ended.error
    assert posts(workspace, STATEMENTS if what == "statement" else "/api/2.2/jobs/run-now") == 2


def test_a_run_that_left_the_queue_since_it_was_last_seen_goes_on(airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(setup_s=0, run_s=LONG_S)
    task = airflow.dag_run('RunNowOperator(task_id="etl", job="nightly", queue_timeout=1, retries=3)')
    assert task.attempt().state == "deferred"
    run_id = runs(workspace)[0]["run_id"]
    ended = task.resume({"run_id": run_id, "at": time.time() + LONG_S})
    assert ended.state == "deferred", ended.error
    assert posts(workspace, "/api/2.2/jobs/runs/cancel") == 0


@pytest.mark.parametrize("status", [503, 403])
def test_a_run_that_cannot_be_cancelled_at_its_deadline_is_ended_by_the_next_attempt(
    status: int, airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.plan(setup_s=0, run_s=LONG_S)
    task = airflow.dag_run('RunNowOperator(task_id="etl", job="nightly", run_timeout=1, retries=3)')
    deferred = task.attempt()
    impatient(monkeypatch)
    workspace.fault(path="/api/2.2/jobs/runs/cancel", status=status, message="not now", times=1)
    ended = task.to_the_end(deferred)
    assert isinstance(ended.error, RunDeadlineError)
    assert "passed its run deadline of 1 s and could not be cancelled and may go on (" in str(ended.error)
    assert f"/runs/cancel: {status} " in str(ended.error)
    assert ": not now): it was RUNNING" in str(ended.error)
    assert ended.error.url in str(ended.error)
    workspace.plan(setup_s=0, run_s=0)
    assert task.to_the_end(task.attempt()).state == "success"
    assert sorted(run["state"]["result_state"] for run in runs(workspace)) == ["CANCELED", "SUCCESS"]
