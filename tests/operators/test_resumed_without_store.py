"""A task that is resumed, and cleared meanwhile, where Airflow has no task state store (3.1 and 3.2)."""

import pytest
from tests.operators.helpers import api, keep_the_start, runs, wait_until_ended, worker_time
from tests.operators.tasks import Airflow, trigger_of
from tests.operators.waiting_clock import WaitingClock

from airbrick.emulator import Emulator
from airbrick.operators import execution
from airbrick.operators.errors import RunDeadlineError
from airbrick.operators.submission.record import RecordStore

ETL = 'RunNowOperator(task_id="etl", job="nightly", retries=3, execution_timeout=timedelta(hours=1))'


@pytest.fixture(autouse=True)
def _no_store(monkeypatch: pytest.MonkeyPatch, clock: WaitingClock) -> None:
    monkeypatch.setattr(execution, "record_store", lambda _: RecordStore(None))
    # The start of a run is compared with the moment at which the attempt begins anew.
    worker_time(monkeypatch, clock.now)


@pytest.mark.parametrize("kept_start", [False, True])
@pytest.mark.parametrize("trigger_failed", [False, True])
def test_clearing_a_task_whose_worker_waits_for_the_run_starts_another(  # noqa: PLR0917 -- fixtures
    trigger_failed: bool,
    kept_start: bool,
    airflow: Airflow,
    workspace: Emulator,
    clock: WaitingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if kept_start:
        keep_the_start(monkeypatch)
    workspace.plan(setup_s=0, run_s=100_000)
    task = airflow.dag_run(ETL)
    deferred = task.attempt()
    trigger, run_id = trigger_of(deferred), runs(workspace)[0]["run_id"]
    clock.sleep(10)
    task.started_earlier(3660)
    task.set_state("running")
    task.clear()
    # As the worker does.
    api(workspace, "POST", "/api/2.2/jobs/runs/cancel", run_id=run_id)
    wait_until_ended(workspace, run_id)
    workspace.forget()
    workspace.plan(setup_s=0, run_s=60)
    event = {"run_id": run_id, **trigger.attempt}
    again = task.trigger_failed(new_attempt=True) if trigger_failed else task.resume(event, new_attempt=True)
    assert again.state == "deferred", again.error
    ended = task.trigger_failed() if trigger_failed else task.to_the_end(again)
    assert ended.state == "success", ended.error
    assert sorted(run["state"]["result_state"] for run in runs(workspace)) == ["CANCELED", "SUCCESS"]


def test_clearing_a_task_while_it_reports_runs_the_job_again(airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(run_s=60)
    task = airflow.dag_run(ETL)
    event = task.watch(task.attempt())
    task.set_state("running")
    task.clear()
    ended = task.to_the_end(task.resume(event, new_attempt=True))
    assert ended.state == "success", ended.error
    assert len(runs(workspace)) == 2


def test_a_trigger_that_fails_does_not_begin_execution_timeout_anew(
    airflow: Airflow, workspace: Emulator, clock: WaitingClock
) -> None:
    workspace.plan(setup_s=0, run_s=100_000)
    task = airflow.dag_run(ETL.replace("hours=1", "seconds=100"))
    assert task.attempt().state == "deferred"
    clock.sleep(100)
    workspace.forget()
    ended = task.trigger_failed()
    assert isinstance(ended.error, RunDeadlineError), ended
    assert len(workspace.requests("GET", "/api/2.2/jobs/runs/get")) == 1


def test_an_event_of_a_trigger_that_does_not_tell_its_attempt_is_taken_for_this_ones(
    airflow: Airflow, workspace: Emulator
) -> None:
    workspace.plan(run_s=60)
    task = airflow.dag_run(ETL)
    deferred = task.attempt()
    del deferred.message.trigger_kwargs["attempt"]
    event = task.watch(deferred)
    assert task.resume(event).state == "success"
    assert len(runs(workspace)) == 1
