"""The trigger in Airflow's own trigger runner, with Airflow's own answers about the task."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.operators.helpers import posts, runs
from tests.operators.tasks import Airflow, Ended, TaskUnderTest, trigger_of
from tests.operators.triggerer import airflows_answers, run_until, user_action

from airbrick.emulator import Emulator
from airbrick.operators.cancelling_trigger import under_way
from airbrick.operators.errors import ConnectionMissingError
from airbrick.operators.poller.poller import Poller
from airbrick.operators.poller.registry import Registry
from airbrick.operators.trigger import RunTrigger

ETL = 'RunNowOperator(task_id="etl", job="nightly", retries=3)'
LOOK = "/api/2.2/jobs/runs/get"
CANCEL = "/api/2.2/jobs/runs/cancel"
LONG_S = 1_000_000


def looked_at(workspace: Emulator) -> Callable[[], bool]:
    """Tell when the trigger, too, has looked at the run."""
    before = len(workspace.requests(path=LOOK))
    return lambda: len(workspace.requests(path=LOOK)) > before


def deferred(airflow: Airflow, workspace: Emulator, *, run_s: float = LONG_S) -> tuple[TaskUnderTest, Ended]:
    workspace.plan(run_s=run_s)
    task = airflow.dag_run(ETL)
    ended = task.attempt()
    assert ended.state == "deferred", ended.error
    return task, ended


@pytest.mark.parametrize(
    ("state", "cancels"),
    [("failed", 1), ("success", 1), (None, 1), ("deferred", 0), ("running", 0)],
)
def test_only_a_person_cancels_the_run(state: str | None, cancels: int, airflow: Airflow, workspace: Emulator) -> None:
    task, ended = deferred(airflow, workspace)
    trigger, described = trigger_of(ended), task.described()
    task.set_state(state)
    with airflows_answers(task):
        asyncio.run(run_until(trigger, described, looked_at(workspace), message=user_action()))
    assert posts(workspace, CANCEL) == cancels


def test_a_deleted_dag_run_cancels_the_run(airflow: Airflow, workspace: Emulator) -> None:
    task, ended = deferred(airflow, workspace)
    described = task.described()
    with airflows_answers(task):
        airflow.delete_dag_run(task)
        asyncio.run(run_until(trigger_of(ended), described, looked_at(workspace), message=user_action()))
    assert posts(workspace, CANCEL) == 1


def test_a_triggerer_that_shuts_down_leaves_the_run(airflow: Airflow, workspace: Emulator) -> None:
    task, ended = deferred(airflow, workspace)
    task.set_state("failed")
    with airflows_answers(task):
        asyncio.run(run_until(trigger_of(ended), task.described(), looked_at(workspace), message="shutdown"))
    assert posts(workspace, CANCEL) == 0


def test_where_airflow_does_not_answer_the_run_goes_on(airflow: Airflow, workspace: Emulator) -> None:
    task, ended = deferred(airflow, workspace)
    task.set_state("failed")
    asyncio.run(run_until(trigger_of(ended), task.described(), looked_at(workspace), message=user_action()))
    assert posts(workspace, CANCEL) == 0


@pytest.mark.parametrize("preset", ["outage", "lost_ack", "throttle"])
def test_a_cancel_is_asked_for_again(preset: str, airflow: Airflow, workspace: Emulator) -> None:
    task, ended = deferred(airflow, workspace)
    task.set_state("failed")
    workspace.fault(preset, path=CANCEL, times=2)
    with airflows_answers(task):
        asyncio.run(run_until(trigger_of(ended), task.described(), looked_at(workspace), message=user_action()))
    assert posts(workspace, CANCEL) == 3
    assert runs(workspace)[0]["state"]["life_cycle_state"] in {"TERMINATING", "TERMINATED"}


def test_a_cancel_is_sent_though_its_connection_cannot_be_read_for_a_moment(
    airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, ended = deferred(airflow, workspace)
    task.set_state("failed")
    # The trigger's own reading is the first.
    answers = iter([True, False, False])
    real = Registry.poller

    async def poller(registry: Registry, conn_id: str) -> Poller:
        if not next(answers, True):
            raise ConnectionMissingError(conn_id)
        return await real(registry, conn_id)

    monkeypatch.setattr(Registry, "poller", poller)
    with airflows_answers(task):
        asyncio.run(run_until(trigger_of(ended), task.described(), looked_at(workspace), message=user_action()))
    assert posts(workspace, CANCEL) == 1


def test_a_cancel_is_sent_though_airflow_no_longer_waits_for_it(
    airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, ended = deferred(airflow, workspace)
    trigger: Any = trigger_of(ended)
    task.set_state("failed")

    async def work() -> None:
        asked, answered = asyncio.Event(), asyncio.Event()
        answer = trigger._person_acted

        async def slowly() -> bool:
            asked.set()
            await answered.wait()
            return bool(await answer())

        monkeypatch.setattr(trigger, "_person_acted", slowly)
        trigger.task_instance = task.described()
        killing = asyncio.create_task(trigger.on_kill())
        await asked.wait()
        killing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await killing
        assert posts(workspace, CANCEL) == 0
        answered.set()
        await asyncio.gather(*under_way)

    with airflows_answers(task):
        asyncio.run(work())
    assert posts(workspace, CANCEL) == 1


def test_one_event_is_fired_and_a_later_kill_does_nothing(airflow: Airflow, workspace: Emulator) -> None:
    task, ended = deferred(airflow, workspace, run_s=60)
    trigger = trigger_of(ended)

    async def work() -> Any:
        runner = await run_until(trigger, task.described(), lambda: False, message=None)
        task.set_state("failed")
        await trigger.on_kill()
        return runner

    with airflows_answers(task):
        runner = asyncio.run(work())
    (entry,) = runner.events
    assert entry.event.payload["run_id"] == runs(workspace)[0]["run_id"]
    assert posts(workspace, CANCEL) == 0


def test_the_stored_form_makes_the_same_trigger_and_holds_no_secret(airflow: Airflow, workspace: Emulator) -> None:
    _, ended = deferred(airflow, workspace)
    path, kwargs = trigger_of(ended).serialize()
    assert path == "airbrick.operators.trigger.RunTrigger"
    again = RunTrigger(**json.loads(json.dumps(kwargs)))
    assert again.serialize() == (path, kwargs)
    assert again.run_id > 2**53
    assert workspace.token not in json.dumps(kwargs)


def test_the_log_has_one_line_for_each_change(
    airflow: Airflow, workspace: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    task, ended = deferred(airflow, workspace, run_s=60)
    capfd.readouterr()
    task.watch(ended)
    run_id = trigger_of(ended).run_id
    lines = [line for line in capfd.readouterr().out.splitlines() if f"run {run_id} " in line]
    assert 2 <= len(lines) <= 4
    assert f"run {run_id} ended: SUCCESS" in lines[-1]


def test_a_connection_that_was_deleted_fails_the_trigger_by_name(
    airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, ended = deferred(airflow, workspace)
    monkeypatch.delenv("AIRFLOW_CONN_DATABRICKS_DEFAULT")
    with airflows_answers(task), pytest.raises(Exception, match="connection 'databricks_default'"):
        task.watch(ended)


def test_a_task_that_a_person_ended_before_it_could_defer_takes_its_run_with_it(
    airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airbrick.operators.announce import Announcer

    workspace.plan(run_s=LONG_S)
    task = airflow.dag_run(ETL)
    page = Announcer.page

    def and_a_person_acts(self: Announcer, run: Any, host: str) -> None:
        page(self, run, host)
        task.set_state("failed")

    monkeypatch.setattr(Announcer, "page", and_a_person_acts)
    assert task.attempt().state != "deferred"
    assert posts(workspace, CANCEL) == 1
