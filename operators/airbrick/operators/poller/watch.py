"""A run that is being watched, and what its watcher is told."""

import asyncio
from dataclasses import dataclass, field

from airbrick.operators.runs.view import RunView


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
class Watch:
    """One run that is being watched.

    :param poll_interval_s: longest time between two looks.
    :param submitted_at: when the run was asked for, in seconds since the epoch.
    :param due_at: when to look next, on the poller's monotonic clock.
    :param failures: looks in a row that failed for this run alone.
    """

    run_id: int
    job_id: int
    poll_interval_s: float
    submitted_at: float
    due_at: float = 0.0
    failures: int = 0
    last: RunView | None = None
    news: "asyncio.Queue[News]" = field(default_factory=asyncio.Queue)

    def show(self, run: RunView) -> None:
        """Tell the watcher how the run is, if that is new."""
        before = self.last
        self.last = run
        if before is None or run.ended or (before.phase, before.state) != (run.phase, run.state):
            self.news.put_nowait(run)

    def say(self, text: str) -> None:
        """Tell the watcher something about the watching."""
        self.news.put_nowait(Notice(text))
