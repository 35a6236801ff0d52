"""SQL statements, on a real Airflow and the local workspace."""

from itertools import count

import pytest
from tests.operators.helpers import STATEMENTS, api, impatient, posts, worker_time
from tests.operators.tasks import Airflow, trigger_of
from tests.operators.waiting_clock import WaitingClock

from airbrick.emulator import Emulator
from airbrick.operators.errors import ApiError, ConnectionMissingError, StatementError, UsageError
from airbrick.operators.workspace.connection import ConnectionSettings


def body(warehouse: str, more: str = "", statement: str = "select id from orders where day = :day") -> str:
    return (
        f'SqlStatementOperator(task_id="etl", statement={statement!r}, warehouse_id={warehouse!r}, '
        f'parameters={{"day": "{{{{ ds }}}}"}}, retries=2, {more})'
    )


@pytest.mark.parametrize("deferrable", [True, False])
def test_a_statement_returns_its_rows(deferrable: bool, airflow: Airflow, workspace: Emulator, warehouse: str) -> None:
    workspace.plan_statement(run_s=60, columns=[["id", "BIGINT"], ["note", "STRING"]], rows=[["1", "Île"], ["2", None]])
    task = airflow.dag_run(body(warehouse, f"deferrable={deferrable}"))
    ended = task.attempt()
    assert ended.state == ("deferred" if deferrable else "success"), ended.error
    ended = task.to_the_end(ended)
    assert ended.state == "success", ended.error
    assert task.xcoms()["return_value"] == [{"id": "1", "note": "Île"}, {"id": "2", "note": None}]
    (request,) = workspace.requests("POST", STATEMENTS)
    (parameter,) = request.body["parameters"]
    assert (parameter["name"], len(parameter["value"])) == ("day", 10)


def test_a_statement_that_fails_says_why(airflow: Airflow, workspace: Emulator, warehouse: str) -> None:
    workspace.plan_statement(run_s=10, result="FAILED", error="no such table: orders", error_code="BAD_REQUEST")
    task = airflow.dag_run(body(warehouse))
    ended = task.to_the_end(task.attempt())
    assert ended.state == "up_for_retry"
    assert isinstance(ended.error, StatementError)
    assert "did not succeed: FAILED: BAD_REQUEST: no such table: orders" in str(ended.error)


def test_a_statement_that_takes_too_long_is_cancelled(airflow: Airflow, workspace: Emulator, warehouse: str) -> None:
    workspace.plan_statement(run_s=100_000)
    task = airflow.dag_run(body(warehouse, "timeout=60"))
    ended = task.to_the_end(task.attempt())
    assert ended.state == "up_for_retry"
    assert "passed its deadline and was cancelled" in str(ended.error)
    statement_id = task.xcoms()["statement_id"]
    assert api(workspace, "GET", f"{STATEMENTS}/{statement_id}")["status"]["state"] == "CANCELED"


def test_a_statement_whose_cancel_is_refused_names_its_deadline_and_why(
    airflow: Airflow, workspace: Emulator, warehouse: str
) -> None:
    workspace.plan_statement(run_s=100_000)
    refusal = {"status": 403, "error_code": "PERMISSION_DENIED", "message": "not the owner"}
    workspace.fault(path=f"{STATEMENTS}/*/cancel", times=1, **refusal)
    task = airflow.dag_run(body(warehouse, "timeout=60"))
    ended = task.to_the_end(task.attempt())
    assert isinstance(ended.error, StatementError)
    assert "passed its deadline and could not be cancelled and may go on (" in str(ended.error)
    assert "403 PERMISSION_DENIED: not the owner): it was RUNNING" in str(ended.error)


def test_a_failed_trigger_is_not_a_failed_statement(airflow: Airflow, workspace: Emulator, warehouse: str) -> None:
    workspace.plan_statement(run_s=10)
    task = airflow.dag_run(body(warehouse))
    assert task.attempt().state == "deferred"
    ended = task.trigger_failed()
    assert ended.state == "success", ended.error
    assert posts(workspace, STATEMENTS) == 1


@pytest.mark.parametrize("limit", ["timeout=60", "execution_timeout=timedelta(seconds=60)"])
def test_the_deadline_holds_after_a_failed_trigger(
    limit: str,
    *,
    airflow: Airflow,
    workspace: Emulator,
    warehouse: str,
    clock: WaitingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workspace.plan_statement(run_s=1_000_000)
    task = airflow.dag_run(body(warehouse, limit))
    assert task.attempt().state == "deferred"
    worker_time(monkeypatch, clock.now)
    ended = task.trigger_failed()
    assert isinstance(ended.error, StatementError)
    assert "passed its deadline and was cancelled" in str(ended.error)


@pytest.mark.parametrize("limit", ["timeout=120", "execution_timeout=timedelta(seconds=120)"])
def test_the_deadline_has_passed_where_airflow_forgets_when_the_attempt_started(
    limit: str, airflow: Airflow, workspace: Emulator, warehouse: str
) -> None:
    workspace.plan_statement(run_s=1_000_000)
    task = airflow.dag_run(body(warehouse, limit))
    deferred = task.attempt()
    event = task.watch(deferred) | {"at": trigger_of(deferred).deadline_at}
    path = f"{STATEMENTS}/{task.xcoms()['statement_id']}"
    looks = len(workspace.requests("GET", path))
    # Airflow 3.1 says after a trigger, as these tests' task runner does, that the attempt has just started.
    ended = task.resume(event)
    assert "passed its deadline and was cancelled" in str(ended.error)
    assert len(workspace.requests("GET", path)) == looks + 1


def test_an_outage_does_not_fail_a_statement(
    airflow: Airflow, workspace: Emulator, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.plan_statement(run_s=60, columns=[["id", "BIGINT"]], rows=[["1"]])
    task = airflow.dag_run(body(warehouse, "deferrable=False"))
    impatient(monkeypatch)
    workspace.fault("outage", path=f"{STATEMENTS}/*", times=2)
    ended = task.attempt()
    assert ended.state == "success", ended.error


def test_a_connection_that_is_gone_for_a_while_does_not_fail_a_statement(
    airflow: Airflow, workspace: Emulator, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airbrick.operators.workspace.airflow_connection import read_connection

    given = count()

    def read_again(conn_id: str) -> ConnectionSettings:
        if next(given) == 1:
            raise ConnectionMissingError(conn_id)
        return read_connection(conn_id)

    monkeypatch.setattr("airbrick.operators.statement_execution.read_connection", read_again)
    workspace.plan_statement(run_s=60, columns=[["id", "BIGINT"]], rows=[["1"]])
    workspace.fault("token_expired", path=f"{STATEMENTS}/*", times=1)
    ended = airflow.dag_run(body(warehouse, "deferrable=False")).attempt()
    assert ended.state == "success", ended.error
    assert next(given) == 3


def test_after_a_failed_trigger_a_mapped_task_waits_for_its_own_statement(
    airflow: Airflow, workspace: Emulator, warehouse: str
) -> None:
    workspace.plan_statement(statement="*1*", run_s=1_000_000)
    workspace.plan_statement(statement="*2*", run_s=10, columns=[["n", "INT"]], rows=[["2"]])
    dag_id, path = airflow.write_dag(
        f'SqlStatementOperator.partial(task_id="etl", warehouse_id={warehouse!r})'
        '.expand(statement=["select 1", "select 2"])'
    )
    first = airflow.start(dag_id, path, task_id="etl", run_id="manual__mapped_sql")
    for task in [airflow.expanded(first, 0), airflow.expanded(first, 1)]:
        assert task.attempt().state == "deferred"
    ended = task.trigger_failed()
    assert ended.state == "success", ended.error
    assert task.xcoms()["return_value"] == [{"n": "2"}]


def test_a_lost_answer_does_not_execute_a_statement_again_within_an_attempt(
    airflow: Airflow, workspace: Emulator, warehouse: str
) -> None:
    workspace.plan_statement(run_s=1)
    workspace.fault("lost_ack", path=STATEMENTS, times=1)
    ended = airflow.dag_run(body(warehouse)).attempt()
    assert ended.state == "up_for_retry"
    assert isinstance(ended.error, ApiError)
    assert posts(workspace, STATEMENTS) == 1


def test_a_request_that_was_surely_not_taken_is_sent_again(
    airflow: Airflow, workspace: Emulator, warehouse: str
) -> None:
    workspace.plan_statement(run_s=0)
    workspace.fault("throttle", path=STATEMENTS, times=1)
    task = airflow.dag_run(body(warehouse))
    ended = task.to_the_end(task.attempt())
    assert ended.state == "success", ended.error
    assert posts(workspace, STATEMENTS) == 2


def test_a_statement_that_renders_to_nothing_is_not_sent(airflow: Airflow, workspace: Emulator, warehouse: str) -> None:
    ended = airflow.dag_run(body(warehouse, "params={'sql': ''}", "{{ params.sql }}")).attempt()
    assert ended.state == "failed"
    assert isinstance(ended.error, UsageError)
    assert posts(workspace, STATEMENTS) == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ('statement="", warehouse_id="w"', "statement: is empty: give the statement"),
        ('statement="select 1", warehouse_id=""', "warehouse_id: is empty: give the warehouse id"),
        ('statement="select 1", warehouse_id="w", row_limit=0', "row_limit=0: is not a number of rows"),
        ('statement="select 1", warehouse_id="w", poll_interval=901', "poll_interval=901: is too long: give 15 min"),
        (
            'statement="select 1", warehouse_id="w", parameters={"a": [1]}',
            "parameters['a']: is a list",
        ),
    ],
)
def test_a_mistake_is_found_at_parse(arguments: str, says: str, airflow: Airflow) -> None:
    _, path = airflow.write_dag(f'SqlStatementOperator(task_id="etl", {arguments})')
    (text,) = airflow.parse(path).import_errors.values()
    assert says in text.strip().splitlines()[-1]
