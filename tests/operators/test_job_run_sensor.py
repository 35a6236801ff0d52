"""Runs that others start, on a real Airflow and the local workspace."""

import asyncio
from datetime import datetime, timedelta, tzinfo
from itertools import count
from typing import Any, Self

import pytest
from tests.operators.helpers import Job, api, impatient, wait_until_ended
from tests.operators.tasks import Airflow, trigger_of

from airbrick.emulator import Emulator
from airbrick.operators.errors import ConnectionMissingError, RunFailedError
from airbrick.operators.job_run_trigger import STORE_KEY, JobRunTrigger
from airbrick.operators.workspace.connection import ConnectionSettings

SENSOR = 'JobRunSensor(task_id="etl", job="nightly", since="2020-01-01T00:00:00+00:00", {})'


def someone_runs(workspace: Emulator, job: Job, *, result: str = "SUCCESS", run_s: float = 0.0) -> int:
    workspace.plan(setup_s=0, run_s=run_s, result=result)
    number: int = api(workspace, "POST", "/api/2.2/jobs/run-now", job_id=job.job_id)["run_id"]
    return number


def test_a_run_that_has_succeeded_already_ends_the_wait_at_once(
    airflow: Airflow, workspace: Emulator, job: Job
) -> None:
    run_id = someone_runs(workspace, job)
    wait_until_ended(workspace, run_id)
    task = airflow.dag_run(SENSOR.format(""))
    ended = task.attempt()
    assert ended.state == "success", ended.error
    assert task.xcoms()["return_value"]["run_id"] == run_id


def test_a_deferred_sensor_wakes_when_somebodys_run_succeeds(airflow: Airflow, workspace: Emulator, job: Job) -> None:
    failed = someone_runs(workspace, job, result="FAILED")
    wait_until_ended(workspace, failed)
    run_id = someone_runs(workspace, job, run_s=200.0)
    task = airflow.dag_run(SENSOR.format(""))
    deferred = task.attempt()
    assert deferred.state == "deferred", deferred.error
    ended = task.resume(task.watch(deferred))
    assert ended.state == "success", ended.error
    assert task.xcoms()["return_value"]["run_id"] == run_id


def test_a_failed_run_fails_the_sensor_where_the_dag_says_so(airflow: Airflow, workspace: Emulator, job: Job) -> None:
    wait_until_ended(workspace, someone_runs(workspace, job, result="FAILED"))
    ended = airflow.dag_run(SENSOR.format('on_failed_run="fail", deferrable=False')).attempt()
    assert ended.state == "failed"
    assert isinstance(ended.error, RunFailedError)


def test_a_run_from_before_the_data_interval_does_not_count(airflow: Airflow, workspace: Emulator, job: Job) -> None:
    wait_until_ended(workspace, someone_runs(workspace, job))
    task = airflow.dag_run('JobRunSensor(task_id="etl", job="nightly", since="2100-01-01T00:00:00+00:00")')
    deferred = task.attempt()
    assert deferred.state == "deferred", deferred.error
    assert trigger_of(deferred).since_s == 4102444800.0


NEVER = 'JobRunSensor(task_id="etl", job="nightly", since="2100-01-01T00:00:00+00:00", {})'


def test_a_deferred_sensor_gives_up_at_its_timeout(airflow: Airflow) -> None:
    task = airflow.dag_run(NEVER.format("timeout=3600, soft_fail=True"))
    deferred = task.attempt()
    assert deferred.state == "deferred", deferred.error
    assert 0.0 <= deferred.message.trigger_timeout.total_seconds() <= 3600.0
    # Airflow 3.1 says after a trigger, as these tests' task runner does, that the attempt has just started.
    assert task.trigger_failed(error="Trigger timeout").state == "skipped"


def test_a_deferred_sensor_gives_up_at_its_execution_timeout_and_is_retried(airflow: Airflow) -> None:
    task = airflow.dag_run(NEVER.format("execution_timeout=timedelta(hours=1), retries=1, soft_fail=True"))
    deferred = task.attempt()
    assert deferred.state == "deferred", deferred.error
    assert deferred.message.trigger_timeout <= timedelta(hours=1)
    ended = task.trigger_failed(error="Trigger timeout")
    assert ended.state == "up_for_retry"
    assert type(ended.error).__name__ == "AirflowTaskTimeout"
    assert "execution_timeout (3600 s)" in str(ended.error)


@pytest.mark.parametrize("waited_s", [3599.5, 3601.0])
def test_execution_timeout_does_not_begin_anew_after_a_failed_trigger(
    waited_s: float, airflow: Airflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(seconds=waited_s)

    task = airflow.dag_run(
        NEVER.format("execution_timeout=timedelta(hours=1), timeout=3603, retries=1, poll_interval=1")
    )
    assert task.attempt().state == "deferred"
    monkeypatch.setattr("airbrick.operators.job_run_sensor.datetime", Later)
    ended = task.trigger_failed()
    assert ended.state == "up_for_retry"
    assert type(ended.error).__name__ == "AirflowTaskTimeout"


def test_a_failed_trigger_does_not_fail_the_sensor(airflow: Airflow, workspace: Emulator, job: Job) -> None:
    task = airflow.dag_run(SENSOR.format("poll_interval=1"))
    assert task.attempt().state == "deferred"
    run_id = someone_runs(workspace, job)
    ended = task.trigger_failed()
    assert ended.state == "success", ended.error
    assert task.xcoms()["return_value"]["run_id"] == run_id


def test_an_outage_does_not_fail_the_sensor(
    airflow: Airflow, workspace: Emulator, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_until_ended(workspace, someone_runs(workspace, job))
    impatient(monkeypatch)
    workspace.fault("outage", path="/api/2.2/jobs/runs/list", times=1)
    ended = airflow.dag_run(SENSOR.format("deferrable=False, poll_interval=1")).attempt()
    assert ended.state == "success", ended.error


@pytest.mark.parametrize("deferrable", [True, False])
def test_a_connection_that_is_gone_for_a_while_does_not_fail_the_sensor(
    deferrable: bool, airflow: Airflow, workspace: Emulator, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airbrick.operators.workspace import airflow_connection

    read, given = airflow_connection.read_connection, count()

    def read_again(conn_id: str) -> ConnectionSettings:
        look = next(given)
        if look == 1:
            raise ConnectionMissingError(conn_id)
        if look == 2:
            wait_until_ended(workspace, someone_runs(workspace, job))
        return read(conn_id)

    monkeypatch.setattr(airflow_connection, "read_connection", read_again)
    task = airflow.dag_run(SENSOR.format(f"deferrable={deferrable}, poll_interval=0.1"))
    ended = task.attempt()
    if deferrable:
        assert ended.state == "deferred", ended.error
        ended = task.trigger_failed()
    assert ended.state == "success", ended.error
    assert next(given) == 3


@pytest.mark.parametrize("deferrable", [True, False])
def test_a_wrong_connection_fails_the_sensor_at_once(deferrable: bool, airflow: Airflow) -> None:
    ended = airflow.dag_run(SENSOR.format(f'deferrable={deferrable}, databricks_conn_id="nowhere"')).attempt()
    assert isinstance(ended.error, ConnectionMissingError)


@pytest.mark.parametrize("since", ["yesterday", "", "2026-01-01T00:00:00"])
def test_a_time_that_is_none_is_refused_at_parse(since: str, airflow: Airflow) -> None:
    _, path = airflow.write_dag(f'JobRunSensor(task_id="etl", job="nightly", since={since!r})')
    (text,) = airflow.parse(path).import_errors.values()
    assert "is no time: give an ISO date and time with its zone" in text


class Store:
    """An asset's state store, as Airflow 3.3 gives it to triggers."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    async def aget(self, key: str) -> Any:
        return self.values.get(key)

    async def aset(self, key: str, value: Any) -> None:
        self.values[key] = value


def events(trigger: JobRunTrigger, count: int) -> list[dict[str, Any]]:
    async def take() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        async for event in trigger.run():
            found.append(dict(event.payload))
            if len(found) == count:
                break
        return found

    return asyncio.run(asyncio.wait_for(take(), 60))


def test_a_watcher_tells_each_end_once_also_over_a_restart(airflow: Airflow, workspace: Emulator, job: Job) -> None:
    first = someone_runs(workspace, job, result="FAILED")
    wait_until_ended(workspace, first)
    store = Store()

    def trigger() -> JobRunTrigger:
        made = JobRunTrigger(job_id=job.job_id, successes_only=False, since_s=0.0)
        made.asset_state_store = store  # type: ignore[assignment]  # what the trigger uses of Airflow's
        return made

    assert [event["run_id"] for event in events(trigger(), 1)] == [first]
    # The restart came before the end was remembered: it is told again rather than lost.
    assert store.values == {}
    second = someone_runs(workspace, job)
    wait_until_ended(workspace, second)
    told = events(trigger(), 2)
    assert [(event["run_id"], event["result"]) for event in told] == [(first, "FAILED"), (second, "SUCCESS")]
    store.values[STORE_KEY] = {"since_s": 0.0, "told": [[first, 1e12, 1e13], [second, 1e12, 1e13]]}
    third = someone_runs(workspace, job)
    assert [event["run_id"] for event in events(trigger(), 1)] == [third]


def test_a_failed_run_that_somebody_repairs_gives_an_event_when_it_has_succeeded(
    airflow: Airflow, workspace: Emulator, job: Job
) -> None:
    run_id = someone_runs(workspace, job, result="FAILED")
    wait_until_ended(workspace, run_id)
    trigger = JobRunTrigger(job_id=job.job_id, since_s=0.0, poll_interval_s=5.0)

    async def repaired() -> dict[str, Any]:
        told = asyncio.ensure_future(anext(trigger.run()))
        while len(workspace.requests(path="/api/2.2/jobs/runs/list")) < 2:  # noqa: ASYNC110 -- in another thread
            await asyncio.sleep(0.01)
        workspace.plan(setup_s=0, run_s=0.0, result="SUCCESS")
        repair = {"run_id": run_id, "rerun_all_failed_tasks": True}
        await asyncio.to_thread(api, workspace, "POST", "/api/2.2/jobs/runs/repair", **repair)
        return dict((await told).payload)

    event = asyncio.run(asyncio.wait_for(repaired(), 60))
    assert (event["run_id"], event["result"]) == (run_id, "SUCCESS")


def test_an_outage_delays_an_event_and_loses_none(airflow: Airflow, workspace: Emulator, job: Job) -> None:
    run_id = someone_runs(workspace, job)
    workspace.fault("outage", path="/api/2.2/jobs/runs/list", times=5)
    trigger = JobRunTrigger(job_id=job.job_id, since_s=0.0)
    assert [event["run_id"] for event in events(trigger, 1)] == [run_id]


def test_a_watcher_warns_once_of_runs_that_it_can_no_longer_see(
    airflow: Airflow, workspace: Emulator, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airbrick.operators.job_run_trigger.PAGES_MAX", 1)
    runs = [someone_runs(workspace, job) for _ in range(26)]
    for run_id in runs:
        wait_until_ended(workspace, run_id)
    trigger = JobRunTrigger(job_id=job.job_id, since_s=0.0, poll_interval_s=0.01)
    warnings: list[tuple[object, ...]] = []
    monkeypatch.setattr(trigger.log, "warning", lambda *said: warnings.append(said))
    for _ in range(2):
        assert sorted(event["run_id"] for event in events(trigger, 25)) == sorted(runs[1:])
    ((text, *values),) = warnings
    assert values == [job.job_id, 25, runs[1]]
    assert "are not told" in str(text)


def test_a_trigger_survives_serialisation() -> None:
    trigger = JobRunTrigger(job_id=2**60, since_s=5.0, successes_only=False)
    path, kwargs = trigger.serialize()
    assert path == "airbrick.operators.job_run_trigger.JobRunTrigger"
    assert JobRunTrigger(**kwargs).serialize() == (path, kwargs)
