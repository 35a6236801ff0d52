"""Statements of workers that die or are told to stop, on a real Airflow and the local workspace."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from tests.operators.dying import die_before
from tests.operators.helpers import STATEMENTS, api, posts
from tests.operators.tasks import Airflow, TaskUnderTest

from airbrick.emulator import Emulator
from airbrick.operators import statement_execution
from airbrick.operators.errors import StatementLostError
from airbrick.operators.sql_statement import SqlStatementOperator
from airbrick.operators.statement_execution import StatementExecution
from airbrick.operators.submission.statement_once import StatementOnce
from airbrick.operators.submission.statement_record import StatementStore
from airbrick.operators.workspace.client import WorkspaceClient

LONG_S = 1_000_000


@pytest.fixture
def start(airflow: Airflow, warehouse: str) -> Callable[..., TaskUnderTest]:
    def started(more: str = "") -> TaskUnderTest:
        return airflow.dag_run(
            f'SqlStatementOperator(task_id="etl", statement="select 1", warehouse_id={warehouse!r}, retries=3, {more})'
        )

    return started


def state(workspace: Emulator, statement_id: str) -> str:
    found: str = api(workspace, "GET", f"{STATEMENTS}/{statement_id}")["status"]["state"]
    return found


def ends_soon(workspace: Emulator) -> None:
    workspace.plan_statement(run_s=60, columns=[["n", "INT"]], rows=[["1"]])


@pytest.mark.parametrize(
    ("owner", "name", "call", "sent"),
    [
        pytest.param(StatementStore, "write", 1, 1, id="before the intent"),
        pytest.param(WorkspaceClient, "call_once", 1, 1, id="before the request"),
        pytest.param(StatementStore, "write", 2, 2, id="before the answer is stored"),
        pytest.param(StatementExecution, "_stored", 1, 1, id="before it is told"),
        pytest.param(StatementExecution, "_defer", 1, 1, id="before deferring"),
    ],
)
def test_a_statement_is_sent_twice_only_if_its_answer_was_never_stored(  # noqa: PLR0917 -- fixtures
    owner: type,
    name: str,
    call: int,
    sent: int,
    start: Callable[..., TaskUnderTest],
    workspace: Emulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ends_soon(workspace)
    task = start()
    with monkeypatch.context() as dying:
        die_before(dying, owner, name, call=call)
        assert task.attempt().state == "up_for_retry"
    ended = task.to_the_end(task.attempt())
    assert ended.state == "success", ended.error
    assert task.xcoms()["return_value"] == [{"n": "1"}]
    assert posts(workspace, STATEMENTS) == sent


def test_a_worker_that_dies_while_it_waits_is_followed_by_one_that_waits_on(
    start: Callable[..., TaskUnderTest], workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends_soon(workspace)
    task = start("deferrable=False")
    with monkeypatch.context() as dying:
        die_before(dying, StatementExecution, "_ended")
        assert task.attempt().state == "up_for_retry"
    assert task.attempt().state == "success"
    assert posts(workspace, STATEMENTS) == 1


def test_a_retry_after_a_failed_statement_sends_another(
    start: Callable[..., TaskUnderTest], workspace: Emulator
) -> None:
    workspace.plan_statement(run_s=1, result="FAILED", error="no")
    task = start()
    assert task.to_the_end(task.attempt()).state == "up_for_retry"
    failed = task.xcoms()["statement_id"]
    workspace.forget()
    ends_soon(workspace)
    assert task.to_the_end(task.attempt()).state == "success"
    assert task.xcoms()["statement_id"] != failed


def test_a_clear_while_the_task_reports_sends_another(start: Callable[..., TaskUnderTest], workspace: Emulator) -> None:
    ends_soon(workspace)
    task = start()
    event = task.watch(task.attempt())
    task.set_state("running")
    task.clear()
    ended = task.to_the_end(task.resume(event, new_attempt=True))
    assert ended.state == "success", ended.error
    assert posts(workspace, STATEMENTS) == 2


@pytest.mark.parametrize("trigger_failed", [False, True])
def test_without_a_store_a_clear_while_the_task_reports_sends_another(
    trigger_failed: bool,
    start: Callable[..., TaskUnderTest],
    workspace: Emulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(statement_execution, "statement_store", lambda _: StatementStore(None))
    ends_soon(workspace)
    task = start()
    event = task.watch(task.attempt())
    task.set_state("running")
    task.clear()
    again = task.trigger_failed(new_attempt=True) if trigger_failed else task.resume(event, new_attempt=True)
    assert again.state == "deferred", again.error
    ended = task.trigger_failed() if trigger_failed else task.to_the_end(again)
    assert ended.state == "success", ended.error
    assert posts(workspace, STATEMENTS) == 2


def test_a_clear_sends_another_and_ends_the_one_before(
    start: Callable[..., TaskUnderTest], workspace: Emulator
) -> None:
    workspace.plan_statement(run_s=LONG_S)
    task = start()
    assert task.attempt().state == "deferred"
    before = task.xcoms()["statement_id"]
    task.set_state("failed")
    task.clear()
    assert task.attempt().state == "deferred"
    assert state(workspace, before) == "CANCELED"
    assert posts(workspace, STATEMENTS) == 2


def test_rows_that_are_gone_are_not_fetched_by_executing_it_again(
    start: Callable[..., TaskUnderTest], workspace: Emulator
) -> None:
    workspace.plan_statement(run_s=1, result="CLOSED")
    task = start()
    ended = task.to_the_end(task.attempt())
    assert ended.state == "failed"
    assert isinstance(ended.error, StatementLostError)
    assert "has succeeded, but the workspace keeps its rows no longer: clear the task" in str(ended.error)
    assert posts(workspace, STATEMENTS) == 1


def test_who_wants_no_rows_is_content_with_its_success(
    start: Callable[..., TaskUnderTest], workspace: Emulator
) -> None:
    workspace.plan_statement(run_s=1, result="CLOSED")
    task = start("do_xcom_push=False")
    assert task.to_the_end(task.attempt()).state == "success"


class TestAProcessThatIsToldToStop:
    """A deploy and a person send the same signal; Airflow knows which it was."""

    @staticmethod
    def stop_while_it_waits(monkeypatch: pytest.MonkeyPatch, before: Callable[[], None] = lambda: None) -> None:
        ended = StatementExecution._ended

        def stopped(self: StatementExecution, *args: Any) -> Any:
            before()
            self._operator.on_kill()
            return ended(self, *args)

        monkeypatch.setattr(StatementExecution, "_ended", stopped)

    def test_leaves_its_statement_if_nobody_ended_the_task(
        self, start: Callable[..., TaskUnderTest], workspace: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ends_soon(workspace)
        task = start("deferrable=False")
        self.stop_while_it_waits(monkeypatch)
        assert task.attempt().state == "success"
        assert posts(workspace, f"{STATEMENTS}/{task.xcoms()['statement_id']}/cancel") == 0

    def test_cancels_its_statement_if_a_person_ended_the_task(
        self, start: Callable[..., TaskUnderTest], workspace: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        workspace.plan_statement(run_s=LONG_S)
        task = start("deferrable=False")
        self.stop_while_it_waits(monkeypatch, lambda: task.set_state("failed"))
        task.attempt()
        assert posts(workspace, f"{STATEMENTS}/{task.xcoms()['statement_id']}/cancel") == 1

    def test_cancels_what_nothing_would_find_again_outside_the_signal_handler(
        self, start: Callable[..., TaskUnderTest], workspace: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(statement_execution, "statement_store", lambda _: StatementStore(None))
        workspace.plan_statement(run_s=LONG_S)
        task = start("deferrable=False")
        threads = set[str]()
        cancel = StatementExecution._cancel_apart

        def seen(self: StatementExecution, statement_id: str) -> None:
            threads.add(threading.current_thread().name)
            cancel(self, statement_id)

        monkeypatch.setattr(StatementExecution, "_cancel_apart", seen)
        self.stop_while_it_waits(monkeypatch)
        assert task.attempt().state == "up_for_retry"
        assert threads == {"airbrick-kill"}
        assert posts(workspace, f"{STATEMENTS}/{task.xcoms()['statement_id']}/cancel") == 1

    @pytest.mark.parametrize("durable", [True, False])
    def test_leaves_its_statement_to_the_trigger_once_it_defers(
        self,
        durable: bool,
        start: Callable[..., TaskUnderTest],
        workspace: Emulator,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        if not durable:
            monkeypatch.setattr(statement_execution, "statement_store", lambda _: StatementStore(None))
        workspace.plan_statement(run_s=LONG_S)
        task = start()
        defer = SqlStatementOperator.defer

        def stopped(self: SqlStatementOperator, **options: Any) -> None:
            self.on_kill()
            defer(self, **options)

        monkeypatch.setattr(SqlStatementOperator, "defer", stopped)
        assert task.attempt().state == "deferred"
        assert posts(workspace, f"{STATEMENTS}/{task.xcoms()['statement_id']}/cancel") == 0

    def test_finds_that_a_person_ended_the_task_before_it_defers(
        self, start: Callable[..., TaskUnderTest], workspace: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        workspace.plan_statement(run_s=LONG_S)
        task = start()
        obtain = StatementOnce.obtain

        def marked(self: StatementOnce) -> Any:
            found = obtain(self)
            task.set_state("failed")
            return found

        monkeypatch.setattr(StatementOnce, "obtain", marked)
        task.attempt()
        assert posts(workspace, f"{STATEMENTS}/{task.xcoms()['statement_id']}/cancel") == 1
