"""Starting a run exactly once: intent, request, answer, in an order that any crash may cut."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Final

from airbrick.operators.errors import AirbrickError, JobDeletedError, NotFoundError, RunStillEndingError
from airbrick.operators.request import RunRequest
from airbrick.operators.runs.view import RunView, read_run
from airbrick.operators.submission.decide import CLOCK_TOLERANCE_S, Attempt, Policy, Step, judge
from airbrick.operators.submission.record import Record, RecordStore
from airbrick.operators.submission.repair import ALL_FAILED, repair
from airbrick.operators.submission.token import TaskKey, token
from airbrick.operators.submission.workspace import Workspace
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.clock import Clock
from airbrick.operators.workspace.ending import end_run
from airbrick.operators.workspace.pages import PAGES_MAX

PREDECESSOR_WAIT_S: Final = 300.0
"""How long a new run waits for the cancelled run before it to end."""

PREDECESSOR_POLL_S: Final = 5.0
_RUNS_PER_GENERATION_MAX: Final = 200


class PredecessorError(AirbrickError):
    """The run before this one is ending but has not ended yet; another attempt looks again."""

    def __init__(self, run_id: int, *, waited_s: float) -> None:
        self.run_id = run_id
        super().__init__(
            f"run {run_id}, which this task started before, is still ending after {waited_s:.0f} s: "
            "the new run was not started, so that the two do not overlap"
        )


@dataclass(frozen=True, slots=True)
class Order:
    """What to run, and for which attempt of which task instance."""

    key: TaskKey
    attempt: Attempt
    request: RunRequest
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True)
class Found:
    """The run of this attempt.

    :param step: :attr:`Step.WATCH` while it is active, :attr:`Step.REPORT` when it has ended, :attr:`Step.FAIL` when
        its failure stands.
    """

    run: RunView
    step: Step
    record: Record


class Submission:
    """Gets the one run of an attempt: finds it, or starts it.

    :param check: called before a run is asked for that no attempt has asked for yet; raises what speaks against it.
    :param in_time: called each time before a run or a repair is asked for that no attempt has asked for yet; raises
        where it would come too late.
    :param on_known: called with the run's id as soon as it is known, before it is stored: once a person has ended the
        task nothing can be stored, and then this run is to be cancelled.
    :param on_stored: called with the run's id once it is stored.
    """

    def __init__(
        self,
        client: Workspace,
        store: RecordStore,
        order: Order,
        *,
        clock: Clock,
        log: logging.Logger,
        check: Callable[[], None],
        in_time: Callable[[], None],
        on_known: Callable[[int], None],
        on_stored: Callable[[int], None],
        predecessor_wait_s: float = PREDECESSOR_WAIT_S,
    ) -> None:
        self._client = client
        self._store = store
        self._order = order
        self._clock = clock
        self._log = log
        # It may ask the workspace, and where nothing is stored every earlier run is asked for again.
        self._check = cache(check)
        self._in_time = in_time
        self._on_known = on_known
        self._on_stored = on_stored
        self._predecessor_wait_s = predecessor_wait_s

    def obtain(self) -> Found:
        """Find this attempt's run, or start it.

        :raises JobDeletedError: the job does not exist.
        :raises PredecessorError: the run of an earlier generation does not end.
        """
        record = self._store.read()
        if record is not None and record.token != token(self._order.key, record.k):
            self._end_predecessor(record)
            record = None
        first = record.k if record is not None else 0
        for k in range(first, first + _RUNS_PER_GENERATION_MAX):
            found = self._known(record) if record is not None and record.run_id is not None else self._ask(k, record)
            if found is not None:
                return found
            record = None
        msg = f"job {self._order.key.job_id}: {_RUNS_PER_GENERATION_MAX} runs of this task failed before"
        raise AirbrickError(msg)

    def _known(self, record: Record) -> Found | None:
        assert record.run_id is not None  # noqa: S101 -- the caller looked
        run = self._look(record.run_id)
        if run is None:
            self._log.warning("run %s no longer exists: starting another", record.run_id)
            return None
        if not run.ended:
            self._on_known(run.run_id)
        found = self._weigh(run, record, judged_by=record)
        if found is not None:
            self._on_stored(run.run_id)
        return found

    def _ask(self, k: int, stored: Record | None) -> Found | None:
        intent = stored or self._intent(k)
        # An intent that is stored was checked when it was written, and its run may go on.
        if stored is None:
            self._check()
            self._in_time()
            self._store.write(intent)
        run_id = self._request(intent.token)
        if run_id is None:
            return None
        self._on_known(run_id)
        record = replace(intent, run_id=run_id)
        self._store.write(record)
        self._on_stored(run_id)
        run = self._look(run_id)
        if run is None:
            return None
        if not self._store.durable:
            return self._weigh(run, record, judged_by=None)
        return self._weigh(run, record, judged_by=intent, first_asked_at=intent.asked_at if stored is None else None)

    def _weigh(
        self, run: RunView, record: Record, *, judged_by: Record | None, first_asked_at: float | None = None
    ) -> Found | None:
        attempt = self._order.attempt
        judged = partial(
            judge,
            record=judged_by,
            attempt=attempt,
            clock_offset_s=self._client.clock_offset_s,
            policy=self._order.policy,
            first_asked_at=first_asked_at,
        )
        seen_for_s = 0.0
        while (step := judged(run, seen_for_s=seen_for_s)) is Step.AWAIT:
            if seen_for_s >= self._predecessor_wait_s:
                raise PredecessorError(run.run_id, waited_s=seen_for_s)
            self._log.info("run %s may have been cancelled by an earlier attempt: looking again", run.run_id)
            self._clock.sleep(PREDECESSOR_POLL_S)
            seen_for_s += PREDECESSOR_POLL_S
            seen = self._look(run.run_id)
            if seen is None:
                return None
            run = seen
        if step is Step.END:
            self._end(run)
        if step in {Step.END, Step.NEXT}:
            self._log.info("run %s belongs to an earlier attempt: starting another", run.run_id)
            return None
        taken = replace(
            record,
            try_number=attempt.try_number,
            clear_number=attempt.clear_number,
            asked_at=self._asked_at(run, record),
            began_at=attempt.started_at,
        )
        if step is Step.REPAIR:
            return self._repair(run, taken)
        if taken != record:
            self._log.info("run %s was started by an earlier attempt: taking it over", run.run_id)
            self._store.write(taken)
        return Found(run, step, taken)

    def _asked_at(self, run: RunView, record: Record) -> float:
        """Tell when what goes on was asked for: a crash may have come between a repair and its record."""
        repaired_at = max((repair.started_at for repair in run.repairs), default=0.0)
        return max(record.asked_at, repaired_at - self._client.clock_offset_s if repaired_at else 0.0)

    def _repair(self, run: RunView, taken: Record) -> Found:
        self._in_time()
        repaired = repair(self._client, run, ALL_FAILED, clock=self._clock, log=self._log, on_asked=self._on_asked)
        # Only now is the run this attempt's: until then a crash must leave the old failure the earlier attempt's.
        taken = replace(taken, asked_at=self._clock.now())
        self._store.write(taken)
        return Found(repaired, Step.REPORT if repaired.ended else Step.WATCH, taken)

    def _on_asked(self, run_id: int) -> None:
        self._on_known(run_id)
        self._on_stored(run_id)

    def _intent(self, k: int) -> Record:
        key, attempt = self._order.key, self._order.attempt
        return Record(
            k=k,
            token=token(key, k),
            host=key.host,
            job_id=key.job_id,
            run_id=None,
            try_number=attempt.try_number,
            clear_number=attempt.clear_number,
            asked_at=self._clock.now(),
            began_at=attempt.started_at,
        )

    def _request(self, idempotency_token: str) -> int | None:
        key = self._order.key
        try:
            return int(self._client.call(self._order.request.call(idempotency_token))["run_id"])
        except NotFoundError as error:
            if wire.is_job_gone(error):
                raise JobDeletedError(
                    key.job_id, host=key.host, fix="run `pulumi up` and deploy the new contract"
                ) from error
            # Source: Jobs API 2.2 run-now: a token whose run was deleted is answered with an error.
            self._log.info("the run of token %s… was deleted: starting another", idempotency_token[:8])
            return None

    def _look(self, run_id: int) -> RunView | None:
        try:
            return self._client.run(run_id)
        except NotFoundError:
            return None

    def _end_predecessor(self, record: Record) -> None:
        """End the run of an earlier generation: whoever cleared the task wants a new one instead."""
        if record.host != self._order.key.host:
            self._log.warning("an earlier run of this task was started in %s: not looked at", record.host)
            return
        run_id = record.run_id if record.run_id is not None else self._unanswered(record)
        run = None if run_id is None else self._look(run_id)
        if run is None or run.ended:
            return
        self._log.info("run %s is from before this task was cleared: ending it", run.run_id)
        self._end(run)

    def _unanswered(self, record: Record) -> int | None:
        """Find the run of a request whose answer was never stored.

        Only its token finds it, and asking with a token that never arrived starts a run. So it is asked only when
        the job has an active run that could be the one.
        """
        since = record.asked_at + self._client.clock_offset_s - CLOCK_TOLERANCE_S
        if not any(run.started_at >= since for run in self._active_runs(record.job_id)):
            return None
        return self._request(record.token)

    def _active_runs(self, job_id: int) -> list[RunView]:
        runs: list[RunView] = []
        page_token = ""
        for _ in range(PAGES_MAX):
            page = self._client.call(wire.list_active_runs(job_id=job_id, page_token=page_token))
            runs += [read_run(item) for item in page.get("runs") or ()]
            page_token = str(page.get("next_page_token") or "")
            if not page_token:
                break
        return runs

    def _end(self, run: RunView) -> None:
        try:
            end_run(
                self._client,
                run.run_id,
                within_s=self._predecessor_wait_s,
                look_s=PREDECESSOR_POLL_S,
                clock=self._clock,
                log=self._log,
            )
        except RunStillEndingError as error:
            raise PredecessorError(run.run_id, waited_s=error.waited_s) from error
