import itertools
import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.poller.choose import SURE_S, choose_plan
from airbrick.operators.poller.plan import Crowd, Listing, Part, Plan, Sight

NOW = 10_000.0
NOTHING_KNOWN: dict[int | None, Crowd] = {}
Crowds = dict[int | None, Crowd]


def fresh(runs: int, jobs: int) -> list[Sight]:
    return [Sight(run, 1 + run % jobs, NOW) for run in range(runs)]


def running(runs: int, jobs: int = 1) -> list[Sight]:
    """Give runs that started one second after another and were seen just now."""
    return [Sight(run, 1 + run % jobs, 1000.0 + run, started_at=1000.0 + run, seen_at=NOW) for run in range(runs)]


def choose(due: list[Sight], crowds: Crowds = NOTHING_KNOWN, others: list[Sight] | None = None) -> Plan[Sight]:
    return choose_plan(due, [*due, *(others or [])], crowds, NOW)


def busy(strangers: int) -> Crowd:
    """Give a crowd in which so many other runs have just started."""
    return Crowd(active=[NOW] * strangers)


def listings(plan: Plan[Sight]) -> list[Listing]:
    return [listing for part in plan.parts for listing in part.listings]


def ids(runs: Sequence[Sight]) -> list[int]:
    return [run.run_id for run in runs]


def test_a_single_run_is_looked_at() -> None:
    run = Sight(5, 1, NOW)
    assert choose([run]) == Plan(looked_at=(run,))


def test_many_runs_of_one_job_are_listed_by_job() -> None:
    runs = fresh(20, 1)
    assert choose(runs) == Plan((Part((Listing(1, since_s=NOW - 2.0),), tuple(runs), tuple(runs)),))


def test_many_runs_of_many_jobs_are_listed_at_once() -> None:
    plan = choose(fresh(200, 200))
    assert plan.cost == 8
    assert {listing.job_id for listing in listings(plan)} == {None}


def test_a_busy_workspace_is_not_listed_for_a_few_runs() -> None:
    assert ids(choose(fresh(4, 4), {None: busy(5000)}).looked_at) == [0, 1, 2, 3]


def test_a_job_with_many_strangers_is_not_listed() -> None:
    assert listings(choose(fresh(3, 1), {1: busy(500)})) == []


def test_a_job_is_listed_where_that_is_cheap_and_the_runs_of_another_are_looked_at() -> None:
    plan = choose(fresh(40, 2), {1: busy(500), None: busy(5000)})
    assert [listing.job_id for listing in listings(plan)] == [2]
    assert len(plan.looked_at) == 20


def test_runs_of_an_unknown_job_are_looked_at() -> None:
    due = [Sight(run, 0, NOW) for run in range(30)]
    assert choose(due) == Plan(looked_at=tuple(due))


def test_one_run_that_waits_long_does_not_make_the_list_of_those_that_just_started_long() -> None:
    queued, due = Sight(7000, 1, 500.0), fresh(10, 1)
    plan = choose([queued, *due], others=running(2000))
    assert ids(plan.looked_at) == [7000]
    assert [listing.since_s for listing in listings(plan)] == [NOW - 2.0]


def test_runs_of_which_nothing_is_known_are_sought_in_windows_that_leave_no_gap() -> None:
    due = [Sight(run, 1, 1000.0 + run) for run in range(1000)]
    plan = choose(due)
    (part,) = plan.parts
    assert set(part.runs) == set(due)
    assert plan.cost == 40
    edges = [(listing.since_s, listing.until_s) for listing in part.listings]
    assert len(edges) > 5
    assert (edges[0][0], edges[-1][1]) == (998.0, math.inf)
    assert all(one[1] == other[0] for one, other in itertools.pairwise(edges))


def test_many_young_runs_of_which_none_has_ended_take_one_page() -> None:
    assert listings(choose(running(1000))) == [Listing(1, ended=True, since_s=1000.0, until_s=1999.0)]


def test_the_young_are_sought_among_the_ended_and_the_old_among_the_active() -> None:
    # Of those that started before second 3000, 9 of 10 have ended.
    runs = [run for run in running(4000) if run.started_at >= 3000.0 or run.run_id % 10 == 0]
    ended = [1000.0 + run for run in range(2000) if run % 10]
    plan = choose(runs, {1: Crowd(ended=ended)})
    assert [listing.ended for listing in listings(plan)] == [False] * 8 + [True]
    # A list of all active runs would take this many pages.
    assert len(runs) / 25 > 80


def test_a_window_reaches_as_far_as_a_page_shows() -> None:
    # Of four runs that started together in time, one is active.
    runs = [run for run in running(2000) if run.run_id % 4 == 0]
    ended = [1000.0 + run for run in range(2000) if run % 4]
    assert [len(part.runs) for part in choose(runs, {1: Crowd(ended=ended)}).parts] == [25] * 20
    # Of four, one has ended: 23 of them, so that there is room for two more.
    runs = [run for run in running(2000) if run.run_id % 4]
    ended = [1000.0 + run for run in range(0, 2000, 4)]
    assert [len(part.runs) for part in choose(runs, {1: Crowd(ended=ended)}).parts][:5] == [72] * 5


def test_strangers_make_windows_shorter() -> None:
    strangers = [1000.0 + run / 5 for run in range(2000)]
    plan = choose(running(400), {1: Crowd(active=strangers, ended=strangers)})
    # A fifth of the 25 that a page shows, and of the 23, each second.
    assert {len(part.runs) for part in plan.parts} <= {4, 5}


def test_runs_that_start_at_once_are_not_torn_apart() -> None:
    runs = [Sight(run, 1, 1000.0, started_at=1000.0, seen_at=NOW) for run in range(60)]
    (part,) = choose(runs, {1: Crowd(ended=[1000.0] * 60)}).parts
    assert (part.listings, part.cost) == ((Listing(1, since_s=1000.0, until_s=1000.0),), 3)


def test_runs_that_were_long_not_seen_themselves_are_listed_as_active_a_few_at_a_time() -> None:
    runs = running(1000)
    for run in runs[500:]:
        run.seen_at = NOW - SURE_S - 1
    seen = 0
    for _ in range(3):
        plan = choose(runs)
        assert plan.cost <= 10
        for part in plan.parts:
            for run in part.runs if not part.listings[0].ended else ():
                seen += run.seen_at != NOW
                run.seen_at = NOW
    assert seen == 500


SIGHTS = st.builds(
    Sight,
    st.integers(0, 10_000),
    st.integers(0, 6),
    st.floats(0, 5000),
    started_at=st.just(0.0) | st.floats(1, 5000) | st.integers(1, 20).map(float),
    seen_at=st.floats(NOW - 2 * SURE_S, NOW),
)
STARTS = st.lists(st.floats(1, 5000) | st.integers(1, 20).map(float), max_size=100).map(sorted)
CROWDS = st.dictionaries(st.none() | st.integers(1, 6), st.builds(Crowd, STARTS, STARTS))


@given(
    due=st.lists(SIGHTS, min_size=1, max_size=150, unique_by=lambda run: run.run_id),
    others=st.lists(SIGHTS, max_size=100),
    crowds=CROWDS,
)
def test_a_plan_shows_all_that_is_due_and_never_costs_more_than_single_looks(
    due: list[Sight], others: list[Sight], crowds: Crowds
) -> None:
    plan = choose(due, crowds, others)
    planned = [*plan.looked_at, *(run for part in plan.parts for run in part.due)]
    assert sorted(ids(planned)) == sorted(ids(due))
    assert plan.cost <= len(due)
    for part in plan.parts:
        assert set(part.due) <= set(part.runs)
        for run in part.runs:
            assert any(listing.covers(run) for listing in part.listings)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.7, 0.98])
def test_a_sweep_takes_no_more_pages_than_the_shorter_list(share: float) -> None:
    gone = [run for run in range(5000) if run * share % 1 >= 1 - share]
    ended = set(gone)
    runs = [run for run in running(5000) if run.run_id not in ended]
    plan = choose(runs, {1: Crowd(ended=[1000.0 + run for run in gone])})
    assert plan.cost <= min(len(gone) / 23, len(runs) / 25) + 1
