from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.workspace.retry import Backoff

UNIT = st.floats(0, 1, exclude_max=True)


def test_the_wait_doubles_up_to_the_cap() -> None:
    backoff = Backoff(base_s=1.0, cap_s=10.0)
    waits = [backoff.delay_s(failures, retry_after_s=None, unit=1.0) for failures in range(1, 7)]
    assert waits == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


@given(st.integers(1, 10**9), UNIT)
def test_no_number_of_failures_passes_the_cap(failures: int, unit: float) -> None:
    assert 0.0 <= Backoff().delay_s(failures, retry_after_s=None, unit=unit) <= 60.0


@given(st.integers(1, 100), st.floats(0, 1e4), UNIT)
def test_the_servers_wish_is_never_undercut(failures: int, retry_after_s: float, unit: float) -> None:
    delay_s = Backoff().delay_s(failures, retry_after_s=retry_after_s, unit=unit)
    assert retry_after_s <= delay_s <= retry_after_s + 1.0
