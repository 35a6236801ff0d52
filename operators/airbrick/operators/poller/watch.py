"""A run that is being watched, and what its watcher is told."""

import asyncio
from dataclasses import dataclass

from airbrick.operators.poller.plan import Sight
from airbrick.operators.runs.view import Phase, RunView


@dataclass(frozen=True, slots=True)
class Gone:
    """The run no longer exists."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the user about the watching itself.

    :param text: one line, without secrets.
    """

    text: str


News = RunView | Gone | Notice


@dataclass(slots=True, eq=False)
class Watch(Sight):
    """One run that is being watched; one watcher reads what it is told.

    :param poll_interval_s: longest time between two looks.
    :param due_at: when to look next, on the poller's monotonic clock.
    :param failures: looks in a row that failed for this run alone.
    :param unanswered: looks in a row that failed while nothing else was answered either.
    :param last: the run as the watcher was last told.
    """

    poll_interval_s: float
    due_at: float = 0.0
    failures: int = 0
    unanswered: int = 0
    last: RunView | None = None
    # An asyncio.Queue is eight objects, and Python's garbage collector goes through those of ten thousand runs.
    _news: tuple[News, ...] = ()
    _reader: "asyncio.Future[None] | None" = None

    @property
    def is_new(self) -> bool:
        """Tell whether nobody has tried to look at the run yet."""
        return self.last is None and self.failures == 0

    @property
    def has_news(self) -> bool:
        """Tell whether the watcher was told something that it has not read yet."""
        return bool(self._news)

    async def next_news(self) -> News:
        """Wait for what the watcher is told next; whoever stops waiting misses nothing."""
        while not self._news:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        news, self._news = self._news[0], self._news[1:]
        return news

    def tell(self, news: News) -> None:
        """Tell the watcher something."""
        self._news += (news,)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def show(self, run: RunView, now: float) -> None:
        """Tell the watcher how the run is, if that is new.

        :param now: on the poller's monotonic clock.
        """
        before = self.last
        self.seen_at, self.failures, self.unanswered = now, 0, 0
        self.started_at = run.started_at if run.phase is Phase.RUNNING else 0.0
        if before is None or run.ended or (before.phase, before.state) != (run.phase, run.state):
            self.last = run
            self.tell(run)
