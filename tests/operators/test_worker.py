"""Signals to a worker that waits for its run or statement itself, with Airflow's real supervisor and task processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from tests.operators.helpers import STATEMENTS, api, posts, runs
from tests.operators.tasks import Airflow, TaskUnderTest

from airbrick.emulator import Emulator, SystemClock

pytestmark = pytest.mark.slow

BODY = 'RunNowOperator(task_id="etl", job="nightly", retries=3, deferrable=False, poll_interval=2)'
CANCEL = "/api/2.2/jobs/runs/cancel"


def until(happened: Callable[[], object], *, for_s: float = 400.0) -> None:
    limit = time.monotonic() + for_s
    while not happened():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.05)


@pytest.fixture
def workspace() -> Iterator[Emulator]:
    """A workspace whose time passes by itself: the worker is another process, whose waiting nobody sees here."""
    with Emulator(clock=SystemClock(speed=100.0)) as emulator:
        yield emulator


@contextmanager
def worker(task: TaskUnderTest) -> Iterator["subprocess.Popen[str]"]:
    """Run a task's attempt under Airflow's supervisor."""
    task.queue()
    environ = {
        **os.environ,
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("supervised.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=environ,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdin is not None
        described = task.described().model_dump(mode="json")
        process.stdin.write(json.dumps([described, f"{task.dag.dag_id}.py"]) + "\n")
        process.stdin.close()
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def task(airflow: Airflow, workspace: Emulator) -> TaskUnderTest:
    workspace.plan(run_s=10_000_000)
    return airflow.dag_run(BODY)


def looked_at(workspace: Emulator) -> Callable[[], object]:
    before = len(workspace.requests(path="/api/2.2/jobs/runs/get"))
    return lambda: len(workspace.requests(path="/api/2.2/jobs/runs/get")) > before + 1


def test_a_task_that_a_person_fails_takes_its_run_with_it(task: TaskUnderTest, workspace: Emulator) -> None:
    with worker(task):
        until(looked_at(workspace))
        task.set_state("failed")
        until(lambda: posts(workspace, CANCEL))
    assert runs(workspace)[0]["state"]["life_cycle_state"] in {"TERMINATING", "TERMINATED"}


def test_a_deploy_leaves_the_run_and_the_next_attempt_takes_it_over(task: TaskUnderTest, workspace: Emulator) -> None:
    with worker(task) as process:
        until(looked_at(workspace))
        process.terminate()
        # The worker goes on looking until its process is killed for good.
        until(looked_at(workspace))
        (child,) = psutil.Process(process.pid).children()
        child.kill()
        process.wait(400)
    assert posts(workspace, CANCEL) == 0
    with worker(task):
        until(looked_at(workspace))
    assert len(runs(workspace)) == 1


@pytest.mark.parametrize("state", ["up_for_retry", "scheduled", "queued"])
def test_a_worker_that_airflow_took_for_lost_leaves_its_run_to_the_next_attempt(
    task: TaskUnderTest, workspace: Emulator, state: str
) -> None:
    with worker(task) as process:
        until(looked_at(workspace))
        task.set_state(state)
        process.wait(400)
    assert posts(workspace, CANCEL) == 0
    assert runs(workspace)[0]["state"]["life_cycle_state"] == "RUNNING"


def test_the_run_of_a_dag_run_that_was_made_again_is_cancelled(
    task: TaskUnderTest, airflow: Airflow, workspace: Emulator
) -> None:
    with worker(task):
        until(looked_at(workspace))
        airflow.delete_dag_run(task)
        airflow.again(task).set_state("scheduled")
        until(lambda: posts(workspace, CANCEL))
    assert runs(workspace)[0]["state"]["life_cycle_state"] in {"TERMINATING", "TERMINATED"}


@pytest.fixture
def statement(airflow: Airflow, workspace: Emulator, warehouse: str) -> TaskUnderTest:
    workspace.plan_statement(run_s=10_000_000)
    more = f"warehouse_id={warehouse!r}, retries=3, deferrable=False, poll_interval=2"
    return airflow.dag_run(f'SqlStatementOperator(task_id="etl", statement="select 1", {more})')


def path_of(statement: TaskUnderTest) -> str:
    """Give the statement's address, once its worker has told it."""
    until(lambda: "statement_id" in statement.xcoms())
    return f"{STATEMENTS}/{statement.xcoms()['statement_id']}"


def looked_at_statement(workspace: Emulator, path: str) -> Callable[[], object]:
    before = len(workspace.requests("GET", path))
    return lambda: len(workspace.requests("GET", path)) > before + 1


def test_a_task_that_a_person_fails_takes_its_statement_with_it(statement: TaskUnderTest, workspace: Emulator) -> None:
    with worker(statement):
        path = path_of(statement)
        until(looked_at_statement(workspace, path))
        statement.set_state("failed")
        until(lambda: posts(workspace, f"{path}/cancel"))
    assert api(workspace, "GET", path)["status"]["state"] == "CANCELED"


def test_a_deploy_leaves_the_statement_and_the_next_attempt_takes_it_over(
    statement: TaskUnderTest, workspace: Emulator
) -> None:
    with worker(statement) as process:
        path = path_of(statement)
        until(looked_at_statement(workspace, path))
        process.terminate()
        # The worker goes on looking until its process is killed for good.
        until(looked_at_statement(workspace, path))
        (child,) = psutil.Process(process.pid).children()
        child.kill()
        process.wait(400)
    assert posts(workspace, f"{path}/cancel") == 0
    with worker(statement):
        until(looked_at_statement(workspace, path))
    assert posts(workspace, STATEMENTS) == 1
