"""A run that is being watched, and what its watcher is told."""

import asyncio
from dataclasses import dataclass, field

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
    """One run that is being watched.

    :param poll_interval_s: longest time between two looks.
    :param due_at: when to look next, on the poller's monotonic clock.
    :param failures: looks in a row that failed for this run alone.
    """

    poll_interval_s: float
    due_at: float = 0.0
    failures: int = 0
    last: RunView | None = None
    news: "asyncio.Queue[News]" = field(default_factory=asyncio.Queue)

    @property
    def is_new(self) -> bool:
        """Tell whether nobody has tried to look at the run yet."""
        return self.last is None and self.failures == 0

    def show(self, run: RunView, now: float) -> None:
        """Tell the watcher how the run is, if that is new.

        :param now: on the poller's monotonic clock.
        """
        before = self.last
        self.last, self.seen_at, self.failures = run, now, 0
        self.started_at = run.started_at if run.phase is Phase.RUNNING else 0.0
        if before is None or run.ended or (before.phase, before.state) != (run.phase, run.state):
            self.news.put_nowait(run)

    def say(self, text: str) -> None:
        """Tell the watcher something about the watching."""
        self.news.put_nowait(Notice(text))
