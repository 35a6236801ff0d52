"""Which requests show the state of the runs that are due, at the least cost.

A page of a list shows 25 runs for the price of one look. Of runs that started lately few have ended, so a list of
ended runs is short there; of runs that started long ago few are still active, so a list of active runs is. A sweep
over many runs therefore asks for the young ones among the ended and for the old ones among the active, and cuts
both lists into windows of start times that are read side by side.
"""

import itertools
import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from airbrick.operators.workspace.wire import LIST_LIMIT

SURE_S: Final = 900.0
"""How long a run counts as active only because no list of ended runs shows it, since it was itself seen."""

_CLOCKS_DIFFER_S: Final = 2.0
_PART_RUNS: Final = 8 * LIST_LIMIT


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
class Plan:
    """The requests of one cycle.

    :param looked_at: runs looked at one by one.
    :param cost: how many requests the lists are expected to take.
    """

    listings: tuple[Listing, ...] = ()
    looked_at: tuple[int, ...] = ()
    cost: int = 0


@dataclass(slots=True)
class Crowd:
    """What lists showed of a job, or of the whole workspace.

    :param active: how many runs the last list of all active ones showed.
    :param ended: starts of the watched runs that have ended, earliest first.
    :param strangers: how many runs lists of ended ones showed for each that was watched.
    """

    active: int = 0
    ended: list[float] = field(default_factory=list)
    strangers: float = 1.0


def choose_plan(due: Sequence[Sight], watched: Iterable[Sight], crowds: Mapping[int | None, Crowd], now: float) -> Plan:
    """Choose between looking at each run, listing runs by job, and listing those of the workspace.

    The looks at runs that have ended are the same for all plans and left out.

    :param due: the runs to see now.
    :param watched: all runs that are watched, with those that are due: at least as many are active.
    :param crowds: by job; ``None`` for the workspace.
    :param now: seconds on the clock of ``seen_at``.
    """
    due_of: dict[int, list[Sight]] = defaultdict(list)
    for run in due:
        due_of[run.job_id].append(run)
    by_job = unlisted = _looks(due_of.pop(0, []))
    # A list is never cheaper than one look.
    many = {job_id for job_id, runs in due_of.items() if len(runs) > 1}
    of_jobs = [run for run in watched if run.job_id]
    watched_of: dict[int, list[Sight]] = defaultdict(list)
    for run in of_jobs if many else ():
        if run.job_id in many:
            watched_of[run.job_id].append(run)
    for job_id in sorted(due_of):
        runs = due_of[job_id]
        lists = _lists(job_id, runs, watched_of[job_id], crowds, now) if job_id in many else []
        by_job = _both(by_job, _cheapest(_looks(runs), *lists))
    if len(due_of) < 2:  # noqa: PLR2004 -- a single job's list has fewer strangers than the workspace's
        return by_job
    rest = [run for run in due if run.job_id]
    return _cheapest(by_job, *(_both(unlisted, plan) for plan in _lists(None, rest, of_jobs, crowds, now)))


def _lists(
    job_id: int | None, due: list[Sight], watched: list[Sight], crowds: Mapping[int | None, Crowd], now: float
) -> list[Plan]:
    crowd = crowds.get(job_id) or Crowd()
    starts = sorted(run.started_at for run in watched if run.started_at)
    crowding = max(1.0, crowd.active / len(watched))
    everything = Plan(_parts(Listing(job_id), starts, crowding), cost=_pages(max(len(watched), crowd.active)))
    if any(run.started_at and now - run.seen_at > SURE_S for run in due):
        # All at once: were each run seen itself at a time of its own, that would take a look for each.
        return [everything]
    running = sorted(run.started_at for run in due if run.started_at)
    fresh = _fresh(job_id, [run for run in due if not run.started_at], starts, crowding)
    plans = [everything]
    best = everything.cost
    for split_s in running[::LIST_LIMIT]:
        ended = _between(crowd.ended, split_s, math.inf) * crowd.strangers
        older = _between(starts, running[0], split_s) * crowding
        cost = fresh.cost + len(fresh.looked_at) + _pages(ended) + (_pages(older) if split_s > running[0] else 0)
        if cost >= best:
            continue
        best = cost
        young = _parts(Listing(job_id, ended=True, since_s=split_s), crowd.ended, crowd.strangers)
        old: tuple[Listing, ...] = ()
        if split_s > running[0]:
            old = _parts(Listing(job_id, since_s=running[0], until_s=split_s), starts, crowding)
        plans.append(_both(fresh, Plan((*young, *old), cost=cost - fresh.cost - len(fresh.looked_at))))
    return plans


def _fresh(job_id: int | None, runs: list[Sight], starts: list[float], crowding: float) -> Plan:
    """Plan for runs that are about to start, or just did: lists show them first."""
    if not runs:
        return Plan()
    # By the workspace's clock; a run that its clock puts before is looked at by itself.
    since_s = max(0.0, min(run.submitted_at for run in runs) - _CLOCKS_DIFFER_S)
    newer = _between(starts, since_s, math.inf)
    listed = Plan((Listing(job_id, since_s=since_s),), cost=_pages((len(runs) + newer) * crowding))
    return _cheapest(_looks(runs), listed)


def _parts(listing: Listing, starts: list[float], crowding: float) -> tuple[Listing, ...]:
    """Cut a list into windows of start times that take about as many pages each."""
    first = bisect_left(starts, listing.since_s)
    last = bisect_left(starts, listing.until_s)
    step = max(1, int(_PART_RUNS / crowding))
    cuts = sorted({starts[at] for at in range(first + step, last - step // 2, step)} - {listing.since_s})
    edges = [listing.since_s, *cuts, listing.until_s]
    return tuple(
        Listing(listing.job_id, listing.ended, since_s, until_s) for since_s, until_s in itertools.pairwise(edges)
    )


def _looks(runs: list[Sight]) -> Plan:
    return Plan(looked_at=tuple(run.run_id for run in runs))


def _both(one: Plan, other: Plan) -> Plan:
    return Plan(one.listings + other.listings, one.looked_at + other.looked_at, one.cost + other.cost)


def _cheapest(*plans: Plan) -> Plan:
    # On a tie the earlier wins: a look shows tasks and times, a job's list fewer strangers.
    return min(plans, key=lambda plan: plan.cost + len(plan.looked_at))


def _between(starts: list[float], since_s: float, until_s: float) -> int:
    return bisect_left(starts, until_s) - bisect_left(starts, since_s)


def _pages(runs: float) -> int:
    return max(1, math.ceil(runs / LIST_LIMIT))
