"""One execution of a SQL task in a worker: from the Airflow context to a statement's rows."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self, cast

from airbrick.operators.airflow_facts import TaskFacts, ended_by_person, pull_own_xcom, statement_store
from airbrick.operators.airflow_names import AirflowTaskTimeout
from airbrick.operators.airflow_timer import check_in_time
from airbrick.operators.announce import ATTEMPT
from airbrick.operators.errors import (
    AirflowConnectionError,
    ApiError,
    StatementError,
    StatementLostError,
    TaskEndedError,
    UnavailableError,
    UsageError,
)
from airbrick.operators.kill import KillSwitch
from airbrick.operators.poller.cadence import next_look_s
from airbrick.operators.run_operator import RESUME_METHOD
from airbrick.operators.runs.deadlines import told_before
from airbrick.operators.runs.statement import StatementView, read_rows, read_statement
from airbrick.operators.runs.view import Phase
from airbrick.operators.statement_trigger import StatementTrigger
from airbrick.operators.submission.decide import asked_before
from airbrick.operators.submission.statement_once import StatementOnce
from airbrick.operators.submission.statement_record import StatementRecord, record_of
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.airflow_connection import read_connection
from airbrick.operators.workspace.client import CANCEL_RETRY_FOR_S, WorkspaceClient
from airbrick.operators.workspace.clock import Clock
from airbrick.operators.workspace.sign_in import SignIn

if TYPE_CHECKING:
    import logging
    from types import TracebackType

    from airflow.sdk import Context

    from airbrick.operators.sql_statement import SqlStatementOperator

STATEMENT_ID: Final = "statement_id"
"""XCom key; the official provider uses the same."""


class StatementExecution:
    """Runs one execution of a :class:`SqlStatementOperator`."""

    def __init__(self, operator: "SqlStatementOperator", context: "Context") -> None:
        self._operator = operator
        # Airflow's own logger type takes printf-style arguments as the standard library's does.
        self._log = cast("logging.Logger", operator.log)
        self._ti: Any = context["ti"]
        self._facts = TaskFacts.of(context)
        self._store = statement_store(context)
        self._sign_in = SignIn(lambda: read_connection(operator.databricks_conn_id))
        # What is not remembered is never found again: the next attempt would execute it beside this one, whoever
        # stops the task.
        asked = partial(ended_by_person, self._facts) if self._store.durable else None
        self._kill_switch = KillSwitch[str](
            asked_by_person=asked, cancel=self._cancel_apart, log=self._log, kind="statement"
        )
        self._clock = Clock(sleep=self._kill_switch.sleep)
        self._deadline_at: float | None
        self._count_from(self._facts.attempt.started_at)
        operator.kill_switch = self._kill_switch

    def __enter__(self) -> Self:
        """Use the execution as a context manager."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        """Finish what a signal began, before Airflow ends the process."""
        # A deferral is no Exception.
        self._kill_switch.close(failed=isinstance(error, Exception))

    def start(self) -> list[dict[str, Any]]:
        """Get this attempt's statement and see it through to its end."""
        operator, facts = self._operator, self._facts
        settings = operator.settings()
        with self._client() as client:
            host = client.signed_in().settings.host
            statement = StatementOnce(
                client,
                self._store,
                settings,
                record_of(facts.attempt, host=host, max_tries=facts.max_tries),
                clock=self._clock,
                log=self._log,
                check=self._check_in_time,
                on_known=self._kill_switch.known,
                on_stored=lambda statement_id: self._stored(statement_id, host),
            ).obtain()
            if operator.deferrable and not statement.ended:
                self._defer(client, statement.statement_id)
            return self._outcome(client, statement.statement_id, event_at=0.0)

    def resume(self, event: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Go on after the trigger, also when it failed; the statement itself is looked at.

        :param event: what :class:`StatementTrigger` saw; empty when it failed.
        """
        record = self._store.read() or self._told(event)
        if asked_before(record, self._facts.attempt):
            self._log.info("the attempt before was cleared while it reported: this one begins anew")
            # Airflow gives that one's start.
            self._count_from(self._clock.now())
            return self.start()
        if record.began_at:
            self._count_from(record.began_at)
        statement_id = str(event.get(STATEMENT_ID) or record.statement_id or "")
        if not statement_id:
            raise UsageError("event", "names no statement", fix="clear the task")
        self._deadline_at = told_before(self._deadline_at, event.get("deadline_at"))
        self._kill_switch.known(statement_id)
        with self._client() as client:
            return self._outcome(client, statement_id, event_at=float(event.get("at") or 0.0))

    def _told(self, event: Mapping[str, Any]) -> StatementRecord:
        """Make up the record from an event, or from XComs if the trigger failed, where nothing is stored."""
        told = event or {
            STATEMENT_ID: pull_own_xcom(self._ti, STATEMENT_ID),
            **(pull_own_xcom(self._ti, ATTEMPT) or {}),
        }
        new = record_of(self._facts.attempt, host="", max_tries=self._facts.max_tries)
        return replace(
            new,
            statement_id=told.get(STATEMENT_ID),
            # A trigger of an earlier version does not tell it.
            try_number=int(told.get("try_number") or new.try_number),
            began_at=float(told.get("began_at") or 0.0),
        )

    def _stored(self, statement_id: str, host: str) -> None:
        self._kill_switch.settle()
        self._operator.seen = (statement_id, host)
        self._ti.xcom_push(key=STATEMENT_ID, value=statement_id)

    def _defer(self, client: WorkspaceClient, statement_id: str) -> None:
        operator = self._operator
        # It would be deferred no more, and nobody would look.
        if self._kill_switch.person_ended():
            client.call(wire.cancel_statement(statement_id))
            self._kill_switch.ended()
            raise TaskEndedError
        if not self._store.durable:
            self._ti.xcom_push(key=ATTEMPT, value=self._facts.attempt.to_json())
            # From here on the trigger watches it, and cancels it for a person.
            self._kill_switch.ended()
        operator.defer(
            trigger=StatementTrigger(
                conn_id=operator.databricks_conn_id,
                statement_id=statement_id,
                poll_interval_s=operator.poll_interval_s,
                asked_at=self._clock.now(),
                deadline_at=self._deadline_at,
                attempt=self._facts.attempt.to_json(),
            ),
            method_name=RESUME_METHOD,
        )

    def _outcome(self, client: WorkspaceClient, statement_id: str, *, event_at: float) -> list[dict[str, Any]]:
        try:
            statement = self._ended(client, statement_id, event_at)
        except AirflowTaskTimeout:
            self._expire(client, statement_id, "running")
        self._kill_switch.ended()
        if not statement.succeeded:
            parts = [statement.state, statement.error_code, statement.message]
            text = f"statement {statement_id} did not succeed: {': '.join(part for part in parts if part)}"
            raise StatementError(text, statement_id=statement_id, code=statement.error_code)
        if not self._operator.do_xcom_push:
            return []
        if statement.closed:
            raise StatementLostError.closed(statement_id)
        return self._rows(client, statement)

    def _ended(self, client: WorkspaceClient, statement_id: str, event_at: float) -> StatementView:
        began, state = self._clock.now(), "not seen"
        while True:
            try:
                statement = read_statement(client.call(wire.get_statement(statement_id)))
            except ApiError as error:
                if wire.is_statement_gone(error):
                    raise StatementLostError.unknown(statement_id) from error
                raise
            except (UnavailableError, AirflowConnectionError) as error:
                self._log.warning("cannot look at statement %s, trying on: %s", statement_id, error)
            else:
                self._seen(client, statement_id)
                if statement.ended:
                    return statement
                state = statement.state
            # The trigger's clock may be ahead.
            now = max(self._clock.now(), event_at)
            if self._deadline_at is not None and now >= self._deadline_at:
                self._expire(client, statement_id, state)
            wait_s = next_look_s(
                Phase.RUNNING,
                age_s=now - began,
                poll_interval_s=self._operator.poll_interval_s,
                unit=self._clock.unit(),
            )
            self._clock.sleep(wait_s if self._deadline_at is None else min(wait_s, self._deadline_at - now))

    def _expire(self, client: WorkspaceClient, statement_id: str, state: str) -> NoReturn:
        # Settled before it is cancelled: another attempt must not go on waiting for it.
        if (record := self._store.read()) is not None:
            self._store.write(replace(record, settled=True))
        try:
            client.call(wire.cancel_statement(statement_id))
        except (ApiError, UnavailableError, AirflowConnectionError) as error:
            end = f"could not be cancelled and may go on ({error})"
        else:
            self._kill_switch.ended()
            end = "was cancelled"
        text = f"statement {statement_id} passed its deadline and {end}: it was {state}"
        raise StatementError(text, statement_id=statement_id)

    def _rows(self, client: WorkspaceClient, statement: StatementView) -> list[dict[str, Any]]:
        rows = list(statement.rows)
        for index in range(1, statement.chunks):
            rows += read_rows(client.call(wire.get_statement_chunk(statement.statement_id, index)))
        if statement.truncated:
            self._ti.xcom_push(key="result_truncated", value=True)
            self._log.warning("the result is cut to %d rows", len(rows))
        return [dict(zip(statement.columns, row, strict=True)) for row in rows]

    def _count_from(self, began_at: float) -> None:
        """Find the moment both limits leave; it is the same before and after a trigger, and after its failure."""
        self._facts = replace(self._facts, attempt=replace(self._facts.attempt, started_at=began_at))
        execution = self._operator.execution_timeout
        limits = (self._operator.timeout_s, None if execution is None else execution.total_seconds())
        self._deadline_at = min((began_at + limit for limit in limits if limit is not None), default=None)

    def _check_in_time(self) -> None:
        operator, now = self._operator, self._clock.now()
        limit, limit_s = operator.execution_timeout, operator.timeout_s
        check_in_time(self._deadline_at, now=now, execution_timeout=limit, timeout_s=limit_s)

    def _seen(self, client: WorkspaceClient, statement_id: str) -> None:
        self._operator.seen = (statement_id, client.signed_in().settings.host)

    def _client(self) -> WorkspaceClient:
        return WorkspaceClient(self._sign_in, clock=self._clock)

    def _cancel_apart(self, statement_id: str) -> None:
        # Its own client: the worker's may be in the middle of a request.
        with WorkspaceClient(self._sign_in, clock=Clock(), retry_for_s=CANCEL_RETRY_FOR_S) as client:
            client.call(wire.cancel_statement(statement_id))
