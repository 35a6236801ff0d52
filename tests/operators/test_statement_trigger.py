"""The trigger of SQL statements in Airflow's own trigger runner."""

import asyncio
from collections.abc import Callable

import pytest
from tests.operators.helpers import api, posts
from tests.operators.tasks import Airflow, Ended, TaskUnderTest, trigger_of
from tests.operators.triggerer import airflows_answers, run_until, user_action

from airbrick.emulator import Emulator

STATEMENTS = "/api/2.0/sql/statements"


def deferred(airflow: Airflow, workspace: Emulator, *, run_s: float = 1_000_000) -> tuple[TaskUnderTest, Ended, str]:
    (warehouse, *_) = api(workspace, "GET", "/api/2.0/sql/warehouses")["warehouses"]
    workspace.plan_statement(run_s=run_s)
    task = airflow.dag_run(
        f'SqlStatementOperator(task_id="etl", statement="select 1", warehouse_id={warehouse["id"]!r}, retries=2)'
    )
    ended = task.attempt()
    assert ended.state == "deferred", ended.error
    return task, ended, f"{STATEMENTS}/{task.xcoms()['statement_id']}"


def looked_at(workspace: Emulator, path: str) -> Callable[[], bool]:
    return lambda: bool(workspace.requests("GET", path))


@pytest.mark.parametrize(
    ("state", "cancels"),
    [("failed", 1), ("success", 1), (None, 1), ("deferred", 0), ("running", 0)],
)
def test_only_a_person_cancels_the_statement(
    state: str | None, cancels: int, airflow: Airflow, workspace: Emulator
) -> None:
    task, ended, path = deferred(airflow, workspace)
    trigger, described = trigger_of(ended), task.described()
    task.set_state(state)
    with airflows_answers(task):
        asyncio.run(run_until(trigger, described, looked_at(workspace, path), message=user_action()))
    assert posts(workspace, f"{path}/cancel") == cancels
    assert (api(workspace, "GET", path)["status"]["state"] == "CANCELED") is bool(cancels)


def test_a_triggerer_that_shuts_down_leaves_the_statement(airflow: Airflow, workspace: Emulator) -> None:
    task, ended, path = deferred(airflow, workspace)
    task.set_state("failed")
    with airflows_answers(task):
        asyncio.run(run_until(trigger_of(ended), task.described(), looked_at(workspace, path), message="shutdown"))
    assert posts(workspace, f"{path}/cancel") == 0


def test_a_kill_after_the_event_does_nothing(airflow: Airflow, workspace: Emulator) -> None:
    task, ended, path = deferred(airflow, workspace, run_s=60)
    trigger = trigger_of(ended)

    async def work() -> None:
        await run_until(trigger, task.described(), lambda: False, message=None)
        task.set_state("failed")
        await trigger.on_kill()

    with airflows_answers(task):
        asyncio.run(work())
    assert posts(workspace, f"{path}/cancel") == 0
