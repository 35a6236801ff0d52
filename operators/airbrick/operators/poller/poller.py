"""The poller: looks at all watched runs of a workspace, in as few requests as it can."""

import asyncio
import contextvars
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from airbrick.operators.errors import AirflowConnectionError, ApiError
from airbrick.operators.poller.budget import RATE_PER_S
from airbrick.operators.poller.cadence import JITTER, MIN_INTERVAL_S, next_look_s
from airbrick.operators.poller.clock import PollerClock
from airbrick.operators.poller.cycle import Cycle
from airbrick.operators.poller.garbage import SHORT_COLLECTIONS
from airbrick.operators.poller.history import Histories, Span, usual_span
from airbrick.operators.poller.lists import Lists, read_item
from airbrick.operators.poller.plan import Plan
from airbrick.operators.poller.turns import in_turns
from airbrick.operators.poller.watch import Notice, Watch
from airbrick.operators.runs.view import Phase, RunView
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.async_client import AsyncWorkspaceClient
from airbrick.operators.workspace.retry import Backoff

LINGER_S: Final = 30.0
"""How long a poller without runs keeps its connections and its sign-in."""

FAILURES_TOLD: Final = 3
"""Failed tries in a row until users are told; the answer that follows is told then, too."""

HISTORY_FROM_S: Final = 10.0
"""Histories are asked for where runs may be looked at more rarely than this."""

LISTS_SHARE: Final = 0.8
"""Share of the budget that a plan may take; the rest is for looks at runs that turn out to have ended."""

_GATHER_S: Final = 0.25
"""Runs that fall due within this time, or within the jitter of a sweep, are looked at together."""

_REST_PER_RUN_S: Final = 0.001
"""Between two cycles, for each watched run: planning for a crowd takes time, and it has many young runs."""

_NEW_WAIT_S: Final = 5.0
_NEW_WAIT_PER_RUN_S: Final = 0.02
"""In a crowd a new run waits for other new ones: the same lists show them all, and its task has just looked at it."""

_FORGET_EVERY_S: Final = 60.0

_PLAIN_FOR_S: Final = 600.0
"""How long a poller that crashed looks at runs one by one: if lists were the cause, they may not be for ever."""


class OutageError(Exception):
    """The workspace as a whole does not answer usefully; the cycle is over."""


class Poller:
    """Watches runs of one workspace for all triggers of one event loop.

    It ends no task: a workspace that cannot be reached is asked again, ever more rarely, until it can. What goes
    wrong with one run is kept to that run. If its own task dies, it is started again.

    :param on_idle: called when the last run has been unwatched for a while and the poller has closed itself.
    """

    def __init__(
        self,
        client: AsyncWorkspaceClient,
        *,
        clock: PollerClock,
        on_idle: Callable[[], None],
        log: logging.Logger | None = None,
        backoff: Backoff | None = None,
        linger_s: float = LINGER_S,
    ) -> None:
        self._client = client
        self._clock = clock
        self._on_idle = on_idle
        self._log = log or logging.getLogger(__name__)
        self._backoff = backoff or Backoff()
        self._linger_s = linger_s
        self._watches: dict[Watch, None] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failures = 0
        self._crashes = 0
        self._plain_until = 0.0
        self._lists = Lists(client)
        self._least_s = 0.0
        self._unit = 0.0
        self._cycle_at = 0.0
        self._rests_until = 0.0
        self._forgot_at = 0.0
        self._histories = Histories()

    @property
    def client(self) -> AsyncWorkspaceClient:
        """Give the client whose connections and budget all share, for requests of a watcher's own."""
        return self._client

    @contextmanager
    def watching(self, run_id: int, job_id: int, *, poll_interval_s: float, submitted_at: float) -> Iterator[Watch]:
        """Watch a run for as long as the context lasts; what happens to it comes through ``Watch.next_news``."""
        wait_s = min(_NEW_WAIT_S, poll_interval_s, len(self._watches) * _NEW_WAIT_PER_RUN_S)
        watch = Watch(run_id, job_id, submitted_at, poll_interval_s, due_at=self._clock.monotonic() + wait_s)
        self._watches[watch] = None
        self._wake.set()
        if self._task is None or self._task.done():
            # A context of its own: in the trigger's, the poller would log as that trigger for ever.
            self._task = asyncio.get_running_loop().create_task(
                self._supervise(), name=f"airbrick-poller {self._client.host}", context=contextvars.Context()
            )
        try:
            yield watch
        finally:
            self._watches.pop(watch, None)
            self._wake.set()

    async def _supervise(self) -> None:
        with SHORT_COLLECTIONS.for_loop(asyncio.get_running_loop()):
            async with self._client:
                await self._run_whatever_fails()

    async def _run_whatever_fails(self) -> None:
        while True:
            try:
                await self._run_until_idle()
            except Exception:  # noqa: BLE001 -- a mistake here must not end the watching of all runs
                self._crashes += 1
                self._plain_until = self._clock.monotonic() + _PLAIN_FOR_S
                self._log.exception("the poller of %s failed and starts again", self._client.host)
                base_s = self._backoff.base_s
                await self._clock.sleep(
                    self._backoff.delay_s(self._crashes, retry_after_s=base_s, unit=self._clock.unit())
                )
            else:
                # Nothing may await between seeing that nothing is watched and saying so.
                self._on_idle()
                return

    async def _run_until_idle(self) -> None:
        idle_since: float | None = None
        while True:
            self._wake.clear()
            now = self._clock.monotonic()
            if not self._watches:
                idle_since = now if idle_since is None else idle_since
                if now - idle_since >= self._linger_s:
                    return
                await self._clock.wait(self._wake, self._linger_s - (now - idle_since))
                continue
            idle_since = None
            if self._rests_until > now:
                await self._clock.sleep(self._rests_until - now)
                continue
            next_due = min(watch.due_at for watch in self._watches)
            if next_due > now:
                await self._clock.wait(self._wake, next_due - now)
                continue
            gather_s = max(_GATHER_S, self._least_s * JITTER)
            self._rests_until = now + max(gather_s, min(MIN_INTERVAL_S, len(self._watches) * _REST_PER_RUN_S))
            self._cycle_at = now
            due = [watch for watch in self._watches if watch.due_at <= now + gather_s]
            if any(watch.is_new for watch in due):
                due += [watch for watch in self._watches if watch.is_new and watch.due_at > now + gather_s]
            # After an outage one look finds out whether it is over; the others follow at once.
            await self._cycle([self._witness()] if self._failures else sorted(due, key=_failures))

    def _witness(self) -> Watch:
        """Give the run whose look tells best whether an outage is over: one may fail by its own fault, for ever."""
        return min(self._watches, key=lambda watch: (watch.unanswered, -watch.seen_at))

    async def _cycle(self, due: list[Watch]) -> None:
        try:
            await self._look_at(due)
        except OutageError as outage:
            self._failures += 1
            cause = outage.__cause__
            retry_after_s = cause.retry_after_s if isinstance(cause, ApiError) else None
            delay_s = self._backoff.delay_s(self._failures, retry_after_s=retry_after_s, unit=self._clock.unit())
            if self._failures == FAILURES_TOLD:
                await self._tell_all(f"cannot look at runs in {self._client.host}, trying on: {cause}")
            # Whoever falls due meanwhile would meet the same.
            self._postpone(self._watches, max(delay_s, self._backoff.base_s / 2))
        else:
            if self._failures >= FAILURES_TOLD:
                await self._tell_all(f"{self._client.host} answers again after {self._failures} failed tries")
            self._failures = 0

    async def _look_at(self, due: list[Watch]) -> None:
        plan = self._plan(due)
        self._unit = self._clock.unit()
        self._least_s = plan.cost / (RATE_PER_S * LISTS_SHARE)
        cycle = Cycle(self._client, self._lists, self._watches, seen=self._seen, absent=self._absent)
        await cycle.run(plan, due)
        outages = [error for _, error in cycle.failed if _is_outage(error)]
        # Runs that failed alone before tell nothing of the workspace: it was seen to answer since.
        known = all(any(watch.unanswered for watch in watches) for watches, _ in cycle.failed)
        if outages and not cycle.answered and (self._failures or not known):
            for watches, _ in cycle.failed:
                for watch in watches:
                    watch.unanswered += 1
            raise OutageError from outages[0]
        for watches, error in cycle.failed:
            self._failed(watches, error)
        await self._learn(due)

    async def _learn(self, due: list[Watch]) -> None:
        """Ask for one history, of a job whose runs would be looked at rarely without it."""
        now = self._clock.monotonic()
        self._histories.keep_only(watch.job_id for watch in self._watches)
        rare = [watch.job_id for watch in due if watch in self._watches and watch.poll_interval_s > HISTORY_FROM_S]
        job_id = self._histories.missing(rare, now)
        if job_id is None:
            return
        span: Span | None = None
        try:
            page = await self._client.call(wire.list_ended_runs(job_id))
            span = usual_span(run for run in map(read_item, page.get("runs") or []) if run is not None)
        except (ApiError, AirflowConnectionError):
            # It goes without: the runs are looked at by their age.
            pass
        self._histories.put(job_id, span, now)

    def _plan(self, due: list[Watch]) -> Plan[Watch]:
        now = self._clock.monotonic()
        if now < self._plain_until or self._failures >= FAILURES_TOLD:
            # Something is wrong, here or with lists alone: the plainest way is the one to trust.
            return Plan(looked_at=tuple(due))
        self._crashes = 0
        if now - self._forgot_at > _FORGET_EVERY_S:
            self._lists.forget(self._watches)
            self._forgot_at = now
        alone = tuple(watch for watch in due if watch.failures >= FAILURES_TOLD)
        plan = self._lists.plan([watch for watch in due if watch.failures < FAILURES_TOLD], self._watches, now)
        return Plan(plan.parts, plan.looked_at + alone)

    def _seen(self, watch: Watch, run: RunView) -> None:
        watch.show(run, self._clock.monotonic())
        if run.ended:
            self._watches.pop(watch, None)
            self._lists.ended(run)
            return
        self._wait(watch)

    def _absent(self, watch: Watch) -> None:
        watch.failures = watch.unanswered = 0
        self._wait(watch)

    def _wait(self, watch: Watch) -> None:
        # From the beginning of the cycle: a sweep that took long has used up its wait.
        watch.due_at = self._cycle_at + next_look_s(
            watch.last.phase if watch.last is not None else Phase.PENDING,
            age_s=self._clock.now() - watch.submitted_at,
            poll_interval_s=watch.poll_interval_s,
            unit=self._unit,
            least_s=self._least_s,
            span=self._histories.span(watch.job_id),
        )

    def _failed(self, watches: Sequence[Watch], error: Exception) -> None:
        # A list may fail once without anybody's concern: another asks for the same soon.
        told = 1 if len(watches) == 1 else FAILURES_TOLD
        for watch in watches:
            watch.failures += 1
            if watch.failures == told:
                watch.tell(Notice(f"cannot look at run {watch.run_id}, trying on: {type(error).__name__}: {error}"))
        failures = max(watch.failures for watch in watches)
        delay_s = self._backoff.delay_s(failures, retry_after_s=None, unit=self._clock.unit())
        self._postpone(watches, max(delay_s, self._backoff.base_s))

    def _postpone(self, watches: Iterable[Watch], delay_s: float) -> None:
        until = self._clock.monotonic() + delay_s
        for watch in watches:
            watch.due_at = max(watch.due_at, until)

    async def _tell_all(self, text: str) -> None:
        async for watch in in_turns(self._watches):
            watch.tell(Notice(text))


def _failures(watch: Watch) -> int:
    return watch.failures + watch.unanswered


def _is_outage(error: Exception) -> bool:
    """Tell whether an error may be the workspace's, not one run's."""
    if isinstance(error, ApiError):
        return wire.is_transient(error) or error.status == HTTPStatus.UNAUTHORIZED
    return isinstance(error, AirflowConnectionError)
