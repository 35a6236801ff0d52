"""The requests of one cycle, and what they are chosen by."""

import math
from dataclasses import dataclass, field
from typing import Generic, TypeVar


@dataclass(slots=True, eq=False)
class Sight:
    """What is known of a watched run.

    :param submitted_at: when it was asked for, in seconds since the epoch.
    :param started_at: its start by the workspace's clock; 0 unless it was seen running, for then only its end is
        awaited.
    :param seen_at: when it was last seen itself, in seconds on a clock that never steps back.
    """

    run_id: int
    job_id: int
    submitted_at: float
    started_at: float = field(default=0.0, kw_only=True)
    seen_at: float = field(default=0.0, kw_only=True)


S = TypeVar("S", bound=Sight)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list to read.

    :param job_id: the job whose runs are listed; ``None`` lists the runs of all jobs.
    :param ended: list runs that have ended rather than those that are active.
    :param since_s: earliest start, in seconds since the epoch.
    :param until_s: latest start.
    """

    job_id: int | None
    ended: bool = False
    since_s: float = 0.0
    until_s: float = math.inf

    def covers(self, run: Sight) -> bool:
        """Tell whether the list shows a run, if it is in the state that is listed."""
        of_job = run.job_id == self.job_id if self.job_id is not None else run.job_id != 0
        # A run whose start is not known may have started at any time.
        return of_job and (self.since_s <= run.started_at <= self.until_s if run.started_at else not self.ended)


@dataclass(frozen=True, slots=True)
class Part(Generic[S]):
    """Lists that are read for the same runs.

    :param runs: the watched runs that the lists show if they are in the state that is listed.
    :param due: those among them that are due.
    :param cost: how many requests the lists are expected to take.
    """

    listings: tuple[Listing, ...]
    runs: tuple[S, ...]
    due: tuple[S, ...]
    cost: int = 1


@dataclass(frozen=True, slots=True)
class Plan(Generic[S]):
    """The requests of one cycle.

    :param looked_at: runs looked at one by one.
    """

    parts: tuple[Part[S], ...] = ()
    looked_at: tuple[S, ...] = ()

    @property
    def cost(self) -> int:
        """Give how many requests are expected, without the looks at runs that turn out to have ended."""
        return sum(part.cost for part in self.parts) + len(self.looked_at)


@dataclass(slots=True)
class Crowd:
    """The runs that lists of a job, or of the whole workspace, show beside those that are watched.

    :param active: starts of those that are active, earliest first.
    :param ended: starts of those that have ended, earliest first, with those that were watched until their ends.
    """

    active: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
