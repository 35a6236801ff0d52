import itertools
import math

from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.poller.plan import SURE_S, Crowd, Listing, Plan, Sight, choose_plan

NOW = 10_000.0
NOTHING_KNOWN: dict[int | None, Crowd] = {}


def fresh(runs: int, jobs: int) -> list[Sight]:
    return [Sight(run, 1 + run % jobs, NOW) for run in range(runs)]


def running(runs: int, jobs: int = 1) -> list[Sight]:
    """Give runs that started one second after another and were seen just now."""
    return [Sight(run, 1 + run % jobs, 1000.0 + run, started_at=1000.0 + run, seen_at=NOW) for run in range(runs)]


def choose(
    due: list[Sight], crowds: dict[int | None, Crowd] = NOTHING_KNOWN, others: list[Sight] | None = None
) -> Plan:
    return choose_plan(due, [*due, *(others or [])], crowds, NOW)


def test_a_single_run_is_looked_at() -> None:
    assert choose([Sight(5, 1, NOW)]) == Plan(looked_at=(5,))


def test_many_runs_of_one_job_are_listed_by_job() -> None:
    assert choose(fresh(20, 1)) == Plan((Listing(1),), cost=1)


def test_many_runs_of_many_jobs_are_listed_at_once() -> None:
    assert choose(fresh(200, 200)) == Plan((Listing(None),), cost=8)


def test_a_busy_workspace_is_not_listed_for_a_few_runs() -> None:
    assert choose(fresh(4, 4), {None: Crowd(active=5000)}).looked_at == (0, 1, 2, 3)


def test_a_job_with_many_strangers_is_not_listed() -> None:
    assert choose(fresh(3, 1), {1: Crowd(active=500)}).listings == ()


def test_a_job_is_listed_where_that_is_cheap_and_the_runs_of_another_are_looked_at() -> None:
    plan = choose(fresh(40, 2), {1: Crowd(active=500), None: Crowd(active=5000)})
    assert plan.listings == (Listing(2),)
    assert len(plan.looked_at) == 20


def test_runs_of_an_unknown_job_are_looked_at() -> None:
    due = [Sight(run, 0, NOW) for run in range(30)]
    assert choose(due) == Plan(looked_at=tuple(range(30)))


def test_many_young_runs_of_which_none_has_ended_take_one_page() -> None:
    assert choose(running(1000)) == Plan((Listing(1, ended=True, since_s=1000.0),), cost=1)


def test_the_young_are_sought_among_the_ended_and_the_old_among_the_active() -> None:
    # Of those that started before second 3000, 9 of 10 have ended.
    runs = [run for run in running(4000) if run.started_at >= 3000.0 or run.run_id % 10 == 0]
    ended = [1000.0 + run for run in range(2000) if run % 10]
    plan = choose(runs, {1: Crowd(active=len(runs), ended=ended)})
    young, old = ([listing for listing in plan.listings if listing.ended is ended] for ended in (True, False))
    assert min(listing.since_s for listing in young) >= 2900.0
    assert min(listing.since_s for listing in old) == 1000.0
    assert plan.cost < 15
    # A list of all active runs would take this many pages.
    assert len(runs) / 25 > 80


def test_runs_that_were_long_not_seen_themselves_are_all_listed_as_active() -> None:
    runs = running(1000)
    runs[500].seen_at = NOW - SURE_S - 1
    plan = choose(runs)
    assert not any(listing.ended for listing in plan.listings)
    assert plan.cost == 40


def test_a_long_list_is_cut_into_windows_that_leave_no_gap() -> None:
    listings = choose(running(1000), {1: Crowd(active=1000, ended=[1000.0 + run for run in range(1000)])}).listings
    edges = sorted((listing.since_s, listing.until_s) for listing in listings)
    assert len(edges) == 5
    assert edges[0][0] == 0.0
    assert edges[-1][1] == math.inf
    assert all(one[1] == other[0] for one, other in itertools.pairwise(edges))


SIGHTS = st.builds(
    Sight,
    st.integers(0, 10_000),
    st.integers(0, 6),
    st.floats(0, 5000),
    started_at=st.just(0.0) | st.floats(1, 5000),
    seen_at=st.floats(NOW - 2 * SURE_S, NOW),
)
CROWDS = st.dictionaries(
    st.none() | st.integers(1, 6),
    st.builds(Crowd, st.integers(0, 5000), st.lists(st.floats(1, 5000), max_size=50).map(sorted), st.floats(1, 100)),
)


@given(
    due=st.lists(SIGHTS, min_size=1, max_size=150, unique_by=lambda run: run.run_id),
    others=st.lists(SIGHTS, max_size=100),
    crowds=CROWDS,
)
def test_a_plan_shows_all_that_is_due_and_never_costs_more_than_single_looks(
    due: list[Sight], others: list[Sight], crowds: dict[int | None, Crowd]
) -> None:
    plan = choose(due, crowds, others)
    for run in due:
        assert run.run_id in plan.looked_at or any(listing.covers(run) for listing in plan.listings)
        if run.run_id not in plan.looked_at and NOW - run.seen_at > SURE_S and run.started_at:
            assert any(listing.covers(run) and not listing.ended for listing in plan.listings)
    assert plan.cost + len(plan.looked_at) <= len(due)
    assert set(plan.looked_at) <= {run.run_id for run in due}
