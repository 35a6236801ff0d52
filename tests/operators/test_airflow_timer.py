"""Airflow's timer for ``execution_timeout`` beside the operators' own deadlines, on a real Airflow."""

import signal
import time
from collections.abc import Mapping
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

import pytest
from tests.operators.helpers import STATEMENTS, api, posts, wait_until_ended, worker_time
from tests.operators.tasks import Airflow, Ended

from airbrick.emulator import Emulator
from airbrick.operators.errors import RunDeadlineError, StatementError, TooLateError
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.sign_in import SignedIn

LIMIT = "execution_timeout=timedelta(minutes=10), retries=3"
ASKED = {"POST */run-now": 601.0, "POST */statements": 601.0}
SEEN = {"GET */runs/get": 601.0, "GET */statements/*": 601.0}
# A deadline of 200 s passes first.
CANCELLED = {"GET */runs/get": 300.0, "GET */statements/*": 300.0, "POST */cancel": 301.0}
REPORTED = {"GET */runs/get": 300.0, "GET */statements/*": 300.0, "close": 301.0}
RESUMED = {"looked at": SEEN, "cancelled": CANCELLED, "reported": REPORTED}
STARTED = {"asked for": ASKED, **RESUMED}
REPAIR = "/api/2.2/jobs/runs/repair"
LONG_S = 1_000_000


class Slow:
    """Lets a step of the worker take long, on the operators' clock and on Airflow's timer alike."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # Not before Airflow's environment is there: these import it.
        from airbrick.operators.kill import KillSwitch
        from airbrick.operators.workspace.client import WorkspaceClient

        self.takes_s: dict[str, float] = {}
        self.ahead_s = 0.0
        send, sign_in, close = WorkspaceClient._send, WorkspaceClient.signed_in, KillSwitch.close

        def slow_send(client: WorkspaceClient, call: wire.Call) -> dict[str, Any]:
            answer = send(client, call)
            self._take(f"{call.method} {call.path}")
            return answer

        def slow_sign_in(client: WorkspaceClient) -> SignedIn:
            self._take("sign in")
            return sign_in(client)

        def slow_close(switch: KillSwitch[Any], *, failed: bool) -> None:
            self._take("close")
            close(switch, failed=failed)

        worker_time(monkeypatch, lambda: time.time() + self.ahead_s)
        monkeypatch.setattr(WorkspaceClient, "_send", slow_send)
        monkeypatch.setattr(WorkspaceClient, "signed_in", slow_sign_in)
        monkeypatch.setattr(KillSwitch, "close", slow_close)

    def _take(self, step: str) -> None:
        seconds = sum(self.takes_s.pop(shape) for shape in list(self.takes_s) if fnmatchcase(step, shape))
        self.ahead_s += seconds
        left_s, _ = signal.getitimer(signal.ITIMER_REAL)
        if not left_s or not seconds:
            return
        signal.setitimer(signal.ITIMER_REAL, max(left_s - seconds, 1e-6))
        if left_s <= seconds:
            time.sleep(10)  # it rings at once


@pytest.fixture
def slow(airflow: Airflow, monkeypatch: pytest.MonkeyPatch) -> Slow:
    return Slow(monkeypatch)


def run_now(*more: str) -> str:
    return f'RunNowOperator(task_id="etl", job="nightly", {", ".join([LIMIT, "run_timeout=200", *more])})'


def sql(warehouse: str, *more: str) -> str:
    arguments = ", ".join([LIMIT, "timeout=200", *more])
    return f'SqlStatementOperator(task_id="etl", statement="select 1", warehouse_id={warehouse!r}, {arguments})'


@pytest.mark.parametrize("takes_s", STARTED.values(), ids=STARTED)
def test_a_run_is_cancelled_however_late_it_is(
    takes_s: Mapping[str, float], airflow: Airflow, workspace: Emulator, slow: Slow
) -> None:
    workspace.plan(setup_s=0, run_s=LONG_S)
    task = airflow.dag_run(run_now("deferrable=False"))
    slow.takes_s |= takes_s
    assert_run_cancelled(workspace, task.attempt())


@pytest.mark.parametrize("takes_s", RESUMED.values(), ids=RESUMED)
def test_a_run_is_cancelled_however_late_it_is_after_a_trigger(
    takes_s: Mapping[str, float], airflow: Airflow, workspace: Emulator, slow: Slow
) -> None:
    workspace.plan(setup_s=0, run_s=LONG_S)
    task = airflow.dag_run(run_now())
    deferred = task.attempt()
    assert deferred.state == "deferred", deferred.error
    slow.takes_s |= takes_s
    assert_run_cancelled(workspace, task.trigger_failed())


@pytest.mark.parametrize("takes_s", STARTED.values(), ids=STARTED)
def test_a_statement_is_cancelled_however_late_it_is(
    takes_s: Mapping[str, float], airflow: Airflow, workspace: Emulator, warehouse: str, slow: Slow
) -> None:
    workspace.plan_statement(run_s=LONG_S)
    task = airflow.dag_run(sql(warehouse, "deferrable=False"))
    slow.takes_s |= takes_s
    assert_statement_cancelled(workspace, task.attempt())


@pytest.mark.parametrize("takes_s", RESUMED.values(), ids=RESUMED)
def test_a_statement_is_cancelled_however_late_it_is_after_a_trigger(
    takes_s: Mapping[str, float], airflow: Airflow, workspace: Emulator, warehouse: str, slow: Slow
) -> None:
    workspace.plan_statement(run_s=LONG_S)
    task = airflow.dag_run(sql(warehouse))
    assert task.attempt().state == "deferred"
    slow.takes_s |= takes_s
    assert_statement_cancelled(workspace, task.trigger_failed())


def test_what_would_be_cancelled_at_once_is_not_asked_for(
    airflow: Airflow, workspace: Emulator, warehouse: str, slow: Slow
) -> None:
    statement = f'SqlStatementOperator(task_id="etl", statement="select 1", warehouse_id={warehouse!r}, {LIMIT})'
    for body, limit, limit_s in (
        (run_now(), "execution_timeout", 600.0),
        (statement, "execution_timeout", 600.0),
        (sql(warehouse), "timeout", 200.0),
    ):
        task = airflow.dag_run(body)
        slow.takes_s["sign in"] = 601.0
        ended = task.attempt()
        assert isinstance(ended.error, TooLateError), ended
        assert ended.state == "up_for_retry"
        assert (ended.error.limit, ended.error.limit_s) == (limit, limit_s)
        assert str(ended.error).startswith(f"{limit}: {limit_s:.0f} s were over before ")
        assert f": this attempt started nothing: raise {limit}, or " in str(ended.error)
    assert posts(workspace) + posts(workspace, STATEMENTS) == 0


def test_a_repair_that_would_be_cancelled_at_once_is_left_to_the_next_attempt(
    airflow: Airflow, workspace: Emulator, slow: Slow
) -> None:
    workspace.plan(setup_s=0, run_s=0, result="FAILED")
    task = airflow.dag_run(run_now("deferrable=False", 'on_retry="repair"'))
    assert task.attempt().state == "up_for_retry"
    workspace.plan(setup_s=0, run_s=LONG_S)
    slow.takes_s["sign in"] = 601.0
    late = task.attempt()
    assert isinstance(late.error, TooLateError), late
    assert (late.state, posts(workspace, REPAIR)) == ("up_for_retry", 0)
    slow.ahead_s = 0.0
    workspace.forget()
    workspace.plan(setup_s=0, run_s=0)
    ended = task.attempt()
    assert ended.state == "success", ended.error
    assert (posts(workspace), posts(workspace, REPAIR)) == (0, 1)


def test_airflows_timer_still_ends_what_hangs(airflow: Airflow, workspace: Emulator, slow: Slow) -> None:
    workspace.plan(setup_s=0, run_s=0)
    task = airflow.dag_run(run_now("deferrable=False"))
    slow.takes_s["close"] = 1100.0
    assert type(task.attempt().error).__name__ == "AirflowTaskTimeout"


@pytest.mark.parametrize("limit", [None, timedelta(seconds=10)])
def test_a_timer_is_only_postponed_where_it_is_airflows(limit: timedelta | None) -> None:
    from airbrick.operators.airflow_timer import GRACE_S, postpone_timer

    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    postpone_timer(limit)
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    signal.setitimer(signal.ITIMER_REAL, 1000)
    try:
        postpone_timer(limit)
        left_s, _ = signal.getitimer(signal.ITIMER_REAL)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    assert (left_s > 1000) is (limit is not None)
    assert left_s <= 1000 + GRACE_S


def test_the_grace_lets_a_last_request_and_the_cancel_be_tried_for_long() -> None:
    from airbrick.operators.airflow_timer import GRACE_S
    from airbrick.operators.workspace.client import CONNECT_TIMEOUT_S, TIMEOUT_S
    from airbrick.operators.workspace.patience import RETRY_FOR_S
    from airbrick.operators.workspace.sign_in import SIGN_IN_TIMEOUT_S

    assert GRACE_S >= 2 * (RETRY_FOR_S + SIGN_IN_TIMEOUT_S + CONNECT_TIMEOUT_S + TIMEOUT_S)


def assert_run_cancelled(workspace: Emulator, ended: Ended) -> None:
    assert isinstance(ended.error, RunDeadlineError), ended
    assert "s and was cancelled" in str(ended.error)
    assert wait_until_ended(workspace, ended.error.run_id)["state"]["result_state"] == "CANCELED"


def assert_statement_cancelled(workspace: Emulator, ended: Ended) -> None:
    assert isinstance(ended.error, StatementError), ended
    assert "passed its deadline and was cancelled" in str(ended.error)
    state = api(workspace, "GET", f"{STATEMENTS}/{ended.error.statement_id}")["status"]["state"]
    assert state == "CANCELED"
