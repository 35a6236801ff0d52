"""Repairing a named run exactly once for each attempt that is meant to."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from airbrick.operators.errors import AirbrickError, NotFoundError, RunLostError, RunRejectedError
from airbrick.operators.request import RepairRequest
from airbrick.operators.runs.outcome import CANCELLED_BY_PERSON, Verdict, verdict
from airbrick.operators.runs.view import Phase, RunView
from airbrick.operators.submission.decide import CLOCK_TOLERANCE_S, Attempt, Step
from airbrick.operators.submission.record import Record, RecordStore
from airbrick.operators.submission.repair import repair
from airbrick.operators.submission.submit import PREDECESSOR_POLL_S, PREDECESSOR_WAIT_S, Found
from airbrick.operators.submission.workspace import Workspace
from airbrick.operators.workspace.clock import Clock
from airbrick.operators.workspace.ending import end_run

_TOKEN: Final = "repair"  # noqa: S105 -- marks the record; a repair has no token of its own


class RunActiveError(AirbrickError):
    """The run goes on: it can be repaired when it has ended; another attempt looks again."""

    def __init__(self, run_id: int, state: str) -> None:
        self.run_id = run_id
        super().__init__(f"run {run_id} is {state}: it can be repaired once it has ended")


class RepairOnce:
    """Gets the one repair of an attempt: finds it, or asks for it.

    :param host: the workspace.
    :param check: called before a repair is asked for; raises what speaks against it.
    :param on_known: called with the run's id once a repair of it is found or asked for, before that is stored.
    :param on_stored: called with the run's id once that is stored.
    :param partial_success: whether a run counts as successful whose failed tasks the job tolerates.
    """

    def __init__(
        self,
        client: Workspace,
        store: RecordStore,
        request: RepairRequest,
        attempt: Attempt,
        *,
        host: str,
        clock: Clock,
        log: logging.Logger,
        check: Callable[[], None],
        on_known: Callable[[int], None],
        on_stored: Callable[[int], None],
        partial_success: bool = True,
    ) -> None:
        self._client = client
        self._store = store
        self._request = request
        self._attempt = attempt
        self._host = host
        self._clock = clock
        self._log = log
        self._check = check
        self._on_known = on_known
        self._on_stored = on_stored
        self._partial_success = partial_success

    def obtain(self) -> Found:
        """Find this attempt's repair, or ask for it.

        :raises RunLostError: the run does not exist.
        :raises RunActiveError: it goes on, and not by a repair of this task.
        :raises RunStillEndingError: it was cancelled and has not ended in time.
        :raises RunRejectedError: a person cancelled it before this task asked for a repair.
        """
        run_id = self._request.run_id
        try:
            run = self._client.run(run_id)
        except NotFoundError as error:
            raise self._lost() from error
        stored = self._store.read()
        known = stored if stored is not None and stored.run_id == run_id else None
        record = known if known is not None and known.clear_number == self._attempt.clear_number else None
        if not run.ended and (record.settled if record is not None else run.phase is Phase.TERMINATING):
            run = self._ended()
        if self._asked_before(run, record) and (found := self._take(run, record)) is not None:
            return found
        if not run.ended:
            raise RunActiveError(run_id, run.state)
        if known is None and run.code == CANCELLED_BY_PERSON:
            text = (
                f"run {run_id} was cancelled by a person and is not repaired: repair it in Databricks, or run the job"
            )
            raise RunRejectedError(f"{text}\n{run.url}".strip(), run_id=run_id, url=run.url, code=run.code)
        self._check()
        record = self._intent(run)
        self._store.write(record)
        repaired = repair(
            self._client, run, self._request.settings, clock=self._clock, log=self._log, on_asked=self._on_asked
        )
        return Found(repaired, Step.REPORT if repaired.ended else Step.WATCH, record)

    def _asked_before(self, run: RunView, record: Record | None) -> bool:
        if record is not None:
            return len(run.repairs) > record.k
        began = self._attempt.dag_run_started_at
        if self._store.durable or began is None or not run.repairs:
            return False
        # Without a store, a repair within this dag run is taken for this task's.
        return run.repairs[-1].started_at >= began + self._client.clock_offset_s - CLOCK_TOLERANCE_S

    def _take(self, run: RunView, record: Record | None) -> Found | None:
        if run.ended and not self._counts(run, record):
            return None
        attempt = self._attempt
        taken = replace(record or self._intent(run), try_number=attempt.try_number, began_at=attempt.started_at)
        self._on_known(run.run_id)
        self._store.write(taken)
        self._on_stored(run.run_id)
        return Found(run, Step.REPORT if run.ended else Step.WATCH, taken)

    def _on_asked(self, run_id: int) -> None:
        self._on_known(run_id)
        self._on_stored(run_id)

    def _counts(self, run: RunView, record: Record | None) -> bool:
        """Tell whether the end of a repair is this attempt's to report; else it repairs again."""
        outcome = verdict(run, partial_success=self._partial_success)
        if outcome in {Verdict.SUCCESS, Verdict.SKIP}:
            return True
        # A failure was reported by the attempt that asked, and so was one of its deadlines.
        if record is None or record.settled:
            return False
        return outcome is Verdict.REJECT or record.try_number == self._attempt.try_number

    def _ended(self) -> RunView:
        run = end_run(
            self._client,
            self._request.run_id,
            within_s=PREDECESSOR_WAIT_S,
            look_s=PREDECESSOR_POLL_S,
            clock=self._clock,
            log=self._log,
        )
        if run is None:
            raise self._lost()
        return run

    def _lost(self) -> RunLostError:
        run_id = self._request.run_id
        return RunLostError(f"run {run_id} does not exist", run_id=run_id, url="")

    def _intent(self, run: RunView) -> Record:
        return Record(
            k=len(run.repairs),
            token=_TOKEN,
            host=self._host,
            job_id=run.job_id,
            run_id=run.run_id,
            try_number=self._attempt.try_number,
            clear_number=self._attempt.clear_number,
            asked_at=self._clock.now(),
            began_at=self._attempt.started_at,
        )
