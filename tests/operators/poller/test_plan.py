import math

from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.poller.plan import Activity, Plan, choose_plan

NOTHING_KNOWN = Activity(None, {})


def spread(runs: int, jobs: int) -> dict[int, int]:
    return {run: 1 + run % jobs for run in range(runs)}


def test_a_single_run_is_looked_at() -> None:
    assert choose_plan({5: 1}, {5: 1}, NOTHING_KNOWN) == Plan(looked_at=(5,))


def test_many_runs_of_one_job_are_listed_by_job() -> None:
    assert choose_plan(spread(20, 1), spread(20, 1), NOTHING_KNOWN) == Plan(listed_jobs=(1,))


def test_many_runs_of_many_jobs_are_listed_at_once() -> None:
    assert choose_plan(spread(200, 200), spread(200, 200), NOTHING_KNOWN) == Plan(listed_jobs=(None,))


def test_a_busy_workspace_is_not_listed_for_a_few_runs() -> None:
    due = spread(4, 4)
    assert choose_plan(due, due, Activity(5000, {})) == Plan(looked_at=(0, 1, 2, 3))


def test_a_job_with_many_strangers_is_not_listed() -> None:
    assert choose_plan(spread(3, 1), spread(3, 1), Activity(None, {1: 500})).listed_jobs != (1,)


def test_runs_of_an_unknown_job_are_never_listed_by_job() -> None:
    due = dict.fromkeys(range(30), 0)
    assert choose_plan(due, due, NOTHING_KNOWN).listed_jobs in {(), (None,)}


@given(
    due=st.dictionaries(st.integers(0, 500), st.integers(1, 20), min_size=1, max_size=200),
    others=st.dictionaries(st.integers(501, 900), st.integers(1, 20), max_size=200),
    workspace=st.none() | st.integers(0, 5000),
    jobs=st.dictionaries(st.integers(1, 20), st.integers(0, 500), max_size=20),
)
def test_a_plan_covers_all_that_is_due_and_never_costs_more_than_single_looks(
    due: dict[int, int], others: dict[int, int], workspace: int | None, jobs: dict[int, int]
) -> None:
    plan = choose_plan(due, due | others, Activity(workspace, jobs))
    if plan.listed_jobs:
        assert plan.listed_jobs == (None,) or set(plan.listed_jobs) == set(due.values())
        assert len(plan.listed_jobs) <= len(due)
    else:
        assert set(plan.looked_at) == set(due)
    if plan.listed_jobs == (None,):
        assert math.ceil(max(len(due | others), workspace or 0) / 25) < len(due)
