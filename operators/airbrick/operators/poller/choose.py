"""Which requests show the state of the runs that are due, at the least cost.

A page of a list shows 25 runs for the price of one look, but either those that are active or those that have ended,
chosen by when they started and never by when they ended. Of the runs that started together a share F has ended, so
the shorter list shows min(F, 1 - F) of them; over a run's life that adds up to the mean absolute deviation of the
lengths (365 s where they are log-normal, with a median of 30 minutes and sigma 0.25), which makes 365 / 25 / 5 = 2.9
pages a run at a look every 5 s, and a look at the end of every second one. The plan reaches this floor by cutting time
into windows from the oldest start on, each as far as one page shows, ended or active, whichever reaches further: no
other cut into pages takes fewer.
"""

import itertools
import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Generic

from airbrick.operators.poller.plan import Crowd, Listing, Part, Plan, S, Sight
from airbrick.operators.workspace.wire import LIST_LIMIT

SURE_S: Final = 900.0
"""How long a run counts as active only because no list of ended runs shows it, since it was itself seen."""

_CHECKS: Final = 8
"""Windows of one plan that are read as active for such runs; all at once they would hold up the others."""

_ROOM: Final = 2
"""Places of a page of ended runs that are left for those that end meanwhile."""

_CLOCKS_DIFFER_S: Final = 2.0
_CUTS: Final = 64
_PART_PAGES: Final = 4


def choose_plan(due: Sequence[S], watched: Iterable[S], crowds: Mapping[int | None, Crowd], now: float) -> Plan[S]:
    """Choose between looking at each run, listing runs by job, and listing those of the workspace.

    The looks at runs that a list of active ones no longer shows are few, and left out.

    :param due: the runs to see now.
    :param watched: all runs that are watched, with those that are due: at least as many are active.
    :param crowds: by job; ``None`` for the workspace.
    :param now: seconds on the clock of ``seen_at``.
    """
    due_of: dict[int, list[S]] = defaultdict(list)
    for run in due:
        due_of[run.job_id].append(run)
    # One-time runs of no job are on no list of jobs' runs.
    unlisted: Plan[S] = Plan(looked_at=tuple(due_of.pop(0, ())))
    running = sorted((run for run in watched if run.started_at and run.job_id), key=_start)
    if len(due_of) < 2:  # noqa: PLR2004 -- a single job's list has fewer strangers than the workspace's
        return _by_job(unlisted, due_of, running, crowds, now)
    of_jobs = [run for run in due if run.job_id]
    at_once = _all_of([unlisted, _Scope(None, running, crowds, now).plan(of_jobs)])
    # Each job takes a request at least.
    if at_once.cost < len(unlisted.looked_at) + len(due_of):
        return at_once
    # On a tie the jobs' lists win.
    return min(_by_job(unlisted, due_of, running, crowds, now), at_once, key=lambda plan: plan.cost)


def _by_job(
    unlisted: Plan[S],
    due_of: Mapping[int, list[S]],
    running: list[S],
    crowds: Mapping[int | None, Crowd],
    now: float,
) -> Plan[S]:
    # A list is never cheaper than one look.
    running_of: dict[int, list[S]] = {job_id: [] for job_id, runs in due_of.items() if len(runs) > 1}
    for run in running:
        if run.job_id in running_of:
            running_of[run.job_id].append(run)
    plans = [unlisted]
    for job_id, runs in sorted(due_of.items()):
        listed = job_id in running_of
        plans.append(_Scope(job_id, running_of[job_id], crowds, now).plan(runs) if listed else Plan((), tuple(runs)))
    return _all_of(plans)


class _Scope(Generic[S]):
    """The lists of one job, or of the workspace.

    :param running: the watched runs whose start is known, earliest first.
    """

    def __init__(self, job_id: int | None, running: list[S], crowds: Mapping[int | None, Crowd], now: float) -> None:
        crowd = crowds.get(job_id) or Crowd()
        self._job_id = job_id
        self._now = now
        self._running = running
        self._starts = [run.started_at for run in running]
        self._active = sorted((*self._starts, *crowd.active))
        self._ended = crowd.ended

    def plan(self, due: list[S]) -> Plan[S]:
        """Plan for the runs of this scope that are due."""
        running = [run for run in due if run.started_at]
        since_s, fresh = self._fresh([run for run in due if not run.started_at], running)
        return _all_of([fresh, self._windows([run for run in running if run.started_at < since_s])])

    def _fresh(self, due: list[S], running: list[S]) -> tuple[float, Plan[S]]:
        """Plan for runs that are about to start, or just did: lists of active runs show them first.

        :param running: runs that are due as well; those that started late enough are shown by the same lists.
        :returns: the start since which all is listed, and the plan.
        """
        due = sorted(due, key=lambda run: -run.submitted_at)
        cuts = range(len(due), 0, -max(1, len(due) // _CUTS))
        number = min(cuts, key=lambda cut: self._fresh_pages(due, cut) + len(due) - cut, default=0)
        if number == 0 or (pages := self._fresh_pages(due, number)) >= number:
            return math.inf, Plan(looked_at=tuple(due))
        listed, since_s = due[:number], _since_s(due, number)
        started = self._running[bisect_left(self._starts, since_s) :]
        # Most start soon after they were asked for.
        likely = sorted([max(run.submitted_at, since_s) for run in listed] + [run.started_at for run in started])
        step = _PART_PAGES * LIST_LIMIT * len(likely) // (pages * LIST_LIMIT)
        windows = itertools.pairwise(sorted({since_s, math.inf, *likely[step : -step // 2 : step]}))
        listings = tuple(Listing(self._job_id, since_s=one, until_s=other) for one, other in windows)
        shown = (*listed, *(run for run in running if run.started_at >= since_s))
        return since_s, Plan((Part(listings, (*listed, *started), shown, pages),), tuple(due[number:]))

    def _fresh_pages(self, newest_first: list[S], number: int) -> int:
        return _pages(number + self._between(_since_s(newest_first, number), math.inf))

    def _windows(self, due: list[S]) -> Plan[S]:
        """Plan for runs that were seen running."""
        due = sorted(due, key=_start)
        due_starts = [run.started_at for run in due]
        parts: list[Part[S]] = []
        looked_at: list[S] = []
        done, checks = 0, _CHECKS
        while done < len(due):
            since_s = due_starts[done]
            first = bisect_left(self._starts, since_s)
            active_last, ended_last = self._active_reach(first), self._ended_reach(since_s)
            if checks and (unsure := self._first_unsure(first, ended_last)) < ended_last:
                ended_last = unsure
                checks -= unsure < active_last
            ended, last = ended_last > active_last, max(active_last, ended_last)
            runs = self._running[first:last]
            upto = bisect_right(due_starts, runs[-1].started_at, lo=done)
            cost = 1 if ended else _pages(self._between(since_s, runs[-1].started_at))
            if cost < upto - done:
                listing = Listing(self._job_id, ended, since_s, runs[-1].started_at)
                parts.append(Part((listing,), tuple(runs), tuple(due[done:upto]), cost))
            else:
                # On a tie a look wins: it shows tasks and times.
                looked_at += due[done:upto]
            done = upto
        return Plan(tuple(parts), tuple(looked_at))

    def _active_reach(self, first: int) -> int:
        """Give the end of the watched runs that a page of active ones shows; at least all that start together."""
        since_s = self._starts[first]
        return max(self._reach(self._active, since_s, LIST_LIMIT), bisect_right(self._starts, since_s))

    def _ended_reach(self, since_s: float) -> int:
        """Give the end of the watched runs of which a page of ended ones shows which have ended."""
        return self._reach(self._ended, since_s, LIST_LIMIT - _ROOM)

    def _reach(self, shown: list[float], since_s: float, number: int) -> int:
        beyond = bisect_left(shown, since_s) + number
        return len(self._starts) if beyond >= len(shown) else bisect_left(self._starts, shown[beyond])

    def _between(self, since_s: float, until_s: float) -> int:
        return bisect_right(self._active, until_s) - bisect_left(self._active, since_s)

    def _first_unsure(self, first: int, last: int) -> int:
        long_ago = self._now - SURE_S
        unsure = next((at for at in range(first, last) if self._running[at].seen_at < long_ago), last)
        # Those that started together stay together.
        return bisect_left(self._starts, self._starts[unsure], hi=unsure) if unsure < last else last


def _since_s(newest_first: Sequence[Sight], number: int) -> float:
    # By the workspace's clock; a run that its clock puts before is looked at by itself.
    return max(0.0, newest_first[number - 1].submitted_at - _CLOCKS_DIFFER_S)


def _start(run: Sight) -> float:
    return run.started_at


def _all_of(plans: Iterable[Plan[S]]) -> Plan[S]:
    plans = tuple(plans)
    parts = tuple(part for plan in plans for part in plan.parts)
    return Plan(parts, tuple(run for plan in plans for run in plan.looked_at))


def _pages(runs: float) -> int:
    return max(1, math.ceil(runs / LIST_LIMIT))
