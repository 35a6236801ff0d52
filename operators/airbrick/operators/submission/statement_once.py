"""Sending a SQL statement once, as far as an API without tokens allows: intent, request, answer.

A statement whose id was stored is found again. One whose answer never came is not: nothing names it.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from airbrick.operators.errors import ApiError, StatementError, StatementLostError, UnavailableError
from airbrick.operators.runs.statement import StatementView, read_statement
from airbrick.operators.submission.decide import CANCEL_SHOWS_S, Step
from airbrick.operators.submission.statement_record import StatementRecord, StatementStore
from airbrick.operators.submission.workspace import StatementWorkspace
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.clock import Clock

PREDECESSOR_WAIT_S: Final = 300.0
"""How long a new statement waits for the cancelled one before it to end."""

PREDECESSOR_POLL_S: Final = 2.0


def judge_statement(
    statement: StatementView | None, record: StatementRecord, new: StatementRecord, *, seen_for_s: float = 0.0
) -> Step:
    """Decide what a stored statement is to an attempt.

    :param statement: as the workspace shows it; ``None`` when it does not know it any more.
    :param record: what was stored.
    :param new: what this attempt would store.
    :param seen_for_s: how long this attempt has looked at the statement, in seconds.
    """
    cleared = record.max_tries != new.max_tries
    # Airflow counts the clears of a dag run, not of a task: one that goes on may belong to a task that was not.
    maybe = None not in {record.clear_number, new.clear_number} and record.clear_number != new.clear_number
    if statement is not None and not statement.ended:
        if cleared or record.settled:
            return Step.END
        # If it was this task, and its worker ran, that worker cancels it.
        return Step.AWAIT if maybe and seen_for_s < CANCEL_SHOWS_S else Step.WATCH
    if cleared or (maybe and (not seen_for_s or statement is None or statement.cancelled)):
        return Step.NEXT
    if statement is None or statement.succeeded:
        return Step.REPORT
    # An earlier attempt reported its failure, or none did and the retry does what a retry is for.
    return Step.REPORT if record.try_number == new.try_number and not record.settled else Step.NEXT


class StatementOnce:
    """Gets the statement of an attempt: finds it, or sends it.

    :param settings: the request's fields.
    :param new: the record of this attempt, without a statement.
    :param check: called before a statement is sent; raises what speaks against it.
    :param on_known: called with the statement's id as soon as it is known, before it is stored: once a person has
        ended the task nothing can be stored, and then this statement is to be cancelled.
    :param on_stored: called with the statement's id once it is stored.
    """

    def __init__(
        self,
        client: StatementWorkspace,
        store: StatementStore,
        settings: Mapping[str, Any],
        new: StatementRecord,
        *,
        clock: Clock,
        log: logging.Logger,
        check: Callable[[], None],
        on_known: Callable[[str], None],
        on_stored: Callable[[str], None],
    ) -> None:
        self._client = client
        self._store = store
        self._settings = settings
        self._new = new
        self._clock = clock
        self._log = log
        self._check = check
        self._on_known = on_known
        self._on_stored = on_stored

    def obtain(self) -> StatementView:
        """Find this attempt's statement, or send it.

        :raises StatementLostError: it was sent, but is no longer known.
        :raises StatementError: the one before it does not end.
        """
        record = self._store.read()
        if record is not None and record.host != self._new.host:
            self._log.warning("an earlier statement of this task was sent to %s: not looked at", record.host)
        elif record is not None and record.statement_id is not None:
            found = self._found(record, record.statement_id)
            if found is not None:
                return found
        elif record is not None and not record.settled:
            self._log.warning("an earlier attempt sent the statement and got no answer: it may be executed twice")
        return self._send()

    def _found(self, record: StatementRecord, statement_id: str) -> StatementView | None:
        statement, seen_for_s = self._look(statement_id), 0.0
        if statement is not None and not statement.ended:
            self._on_known(statement_id)
        while (step := judge_statement(statement, record, self._new, seen_for_s=seen_for_s)) is Step.AWAIT:
            self._log.info("statement %s may have been cancelled by an earlier attempt: looking again", statement_id)
            self._clock.sleep(PREDECESSOR_POLL_S)
            statement, seen_for_s = self._look(statement_id), seen_for_s + PREDECESSOR_POLL_S
        if step is Step.END:
            self._end(statement_id)
        if step in {Step.END, Step.NEXT}:
            self._log.info("statement %s belongs to an earlier attempt: sending another", statement_id)
            return None
        if statement is None:
            raise StatementLostError.unknown(statement_id)
        taken = replace(self._new, statement_id=statement_id, settled=record.settled)
        if taken != record:
            self._log.info("statement %s was sent by an earlier attempt: taking it over", statement_id)
            self._store.write(taken)
        self._on_stored(statement_id)
        return statement

    def _send(self) -> StatementView:
        self._check()
        self._store.write(self._new)
        try:
            # Never sent twice: a lost answer would execute it again.
            sent = read_statement(self._client.call_once(wire.execute_statement(self._settings)))
        except (ApiError, UnavailableError) as error:
            if _refused(error):
                # Refused: nothing is executed.
                self._store.write(replace(self._new, settled=True))
            raise
        self._on_known(sent.statement_id)
        self._store.write(replace(self._new, statement_id=sent.statement_id))
        self._on_stored(sent.statement_id)
        self._log.info("statement %s is %s", sent.statement_id, sent.state)
        return sent

    def _look(self, statement_id: str) -> StatementView | None:
        try:
            return read_statement(self._client.call(wire.get_statement(statement_id)))
        except ApiError as error:
            if wire.is_statement_gone(error):
                return None
            raise

    def _end(self, statement_id: str) -> None:
        """Cancel a statement that is wanted no more, and see it end, so that the two do not overlap."""
        self._log.info("statement %s is from before this task was cleared: cancelling it", statement_id)
        began = self._clock.monotonic()
        self._client.call(wire.cancel_statement(statement_id))
        while (statement := self._look(statement_id)) is not None and not statement.ended:
            waited_s = self._clock.monotonic() - began
            if waited_s >= PREDECESSOR_WAIT_S:
                text = f"statement {statement_id} was cancelled but is still ending after {waited_s:.0f} s"
                raise StatementError(text, statement_id=statement_id)
            self._clock.sleep(PREDECESSOR_POLL_S)


def _refused(error: ApiError | UnavailableError) -> bool:
    # What was tried for long was refused each time: else it would have been tried once.
    if isinstance(error, UnavailableError):
        return True
    return error.status is not None and error.status < HTTPStatus.INTERNAL_SERVER_ERROR
