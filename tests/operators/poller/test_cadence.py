from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.poller.cadence import next_look_s
from airbrick.operators.runs.view import Phase


def test_a_young_run_is_looked_at_often_and_an_old_one_rarely() -> None:
    waits = [next_look_s(Phase.RUNNING, age_s=age, poll_interval_s=30, unit=0.0) for age in (0, 5, 60, 200, 10_000)]
    assert waits == [1.0, 1.0, 6.0, 20.0, 30.0]


def test_the_queue_is_slow_and_the_end_is_near_when_terminating() -> None:
    assert next_look_s(Phase.QUEUED, age_s=60, poll_interval_s=30, unit=0.0) == 12.0
    assert next_look_s(Phase.TERMINATING, age_s=600, poll_interval_s=30, unit=0.0) == 3.0


def test_nothing_is_looked_at_sooner_than_the_crowd_allows() -> None:
    assert next_look_s(Phase.TERMINATING, age_s=0, poll_interval_s=2, unit=0.0, least_s=4.0) == 4.0


@given(
    phase=st.sampled_from(Phase),
    age_s=st.floats(-1e6, 1e9),
    poll_interval_s=st.floats(0.001, 1e6),
    unit=st.floats(0, 1, exclude_max=True),
)
def test_the_wait_is_bounded_whatever_the_clocks_say(
    phase: Phase, age_s: float, poll_interval_s: float, unit: float
) -> None:
    wait_s = next_look_s(phase, age_s=age_s, poll_interval_s=poll_interval_s, unit=unit)
    assert 0.8 <= wait_s <= max(1.0, poll_interval_s)


@given(age_s=st.floats(0, 1e5), unit=st.floats(0, 1, exclude_max=True))
def test_an_end_is_seen_late_by_a_tenth_of_the_runs_age_at_most(age_s: float, unit: float) -> None:
    wait_s = next_look_s(Phase.RUNNING, age_s=age_s, poll_interval_s=1e9, unit=unit)
    assert wait_s <= max(1.0, age_s * 0.1)
