"""Which requests show the state of the runs that are due, at the least cost."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from airbrick.operators.workspace.wire import LIST_LIMIT


@dataclass(frozen=True, slots=True)
class Plan:
    """The requests of one cycle.

    :param listed_jobs: jobs whose active runs are listed; ``None`` lists the whole workspace.
    :param looked_at: runs looked at one by one.
    """

    listed_jobs: tuple[int | None, ...] = ()
    looked_at: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """How many runs were active when they were last listed.

    :param workspace: in the whole workspace; ``None`` when never listed.
    :param jobs: by job.
    """

    workspace: int | None
    jobs: Mapping[int, int]


def choose_plan(due: Mapping[int, int], watched: Mapping[int, int], activity: Activity) -> Plan:
    """Choose between looking at each run, listing each job, and listing the workspace.

    A list only shows what is active, so it never costs less than the looks at runs that ended; that cost is the
    same for all plans and is left out.

    :param due: job id by run id, for the runs that are due.
    :param watched: the same for all runs that are watched: at least as many are active.
    :param activity: what lists showed before; unknown counts are taken as the watched ones.
    """
    watched_jobs = Counter(watched.values())
    jobs = sorted(set(due.values()))
    job_pages = sum(_pages(max(watched_jobs[job], activity.jobs.get(job, 0))) for job in jobs)
    workspace_pages = _pages(max(len(watched), activity.workspace or 0))
    costs = {"look": len(due), "jobs": job_pages if 0 not in jobs else math.inf, "workspace": workspace_pages}
    # On a tie the earlier wins: a look shows tasks and times, a job's list fewer strangers.
    cheapest = min(costs, key=lambda name: costs[name])
    if cheapest == "look":
        return Plan(looked_at=tuple(due))
    return Plan(listed_jobs=tuple(jobs) if cheapest == "jobs" else (None,))


def _pages(runs: int) -> int:
    return max(1, math.ceil(runs / LIST_LIMIT))
