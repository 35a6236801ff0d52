import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.poller.budget import RateBudget


def test_a_burst_goes_out_at_once_and_then_the_rate_holds() -> None:
    budget = RateBudget(rate_per_s=10, burst=3)
    assert [budget.reserve(0.0) for _ in range(5)] == [0.0, 0.0, 0.0, pytest.approx(0.1), pytest.approx(0.2)]


def test_a_pause_holds_everything_and_is_never_shortened() -> None:
    budget = RateBudget(rate_per_s=10, burst=3)
    budget.pause(30.0)
    budget.pause(20.0)
    assert budget.reserve(0.0) == 30.0
    assert budget.reserve(31.0) == 0.0


@given(
    steps=st.lists(st.floats(0, 2), max_size=200),
    rate_per_s=st.floats(0.5, 100),
    burst=st.integers(1, 50),
)
def test_no_window_of_time_holds_more_than_rate_and_burst(steps: list[float], rate_per_s: float, burst: int) -> None:
    budget = RateBudget(rate_per_s=rate_per_s, burst=burst)
    now, sent = 0.0, []
    for step in steps:
        now += step
        sent.append(now + budget.reserve(now))
    for first, begin in enumerate(sent):
        for last in range(first, len(sent)):
            assert last - first + 1 <= burst + rate_per_s * (sent[last] - begin) + 1e-6 * len(sent)
