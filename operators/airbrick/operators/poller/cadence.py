"""How soon to look at a run again."""

from typing import Final

from airbrick.operators.runs.view import Phase

MIN_INTERVAL_S: Final = 1.0
_AGE_SHARE: Final = 0.1
_QUEUED_FACTOR: Final = 2.0
_TERMINATING_INTERVAL_S: Final = 3.0
_JITTER: Final = 0.2


def next_look_s(phase: Phase, *, age_s: float, poll_interval_s: float, unit: float) -> float:
    """Give the wait until a run is looked at again.

    A young run is looked at often and an old one rarely: the wait is a tenth of the run's age, so that its end is
    never seen late by more than that share, up to ``poll_interval_s``. A run in the queue waits twice as long;
    one that is terminating is looked at often, because its end is near.

    :param age_s: time since the run was submitted.
    :param poll_interval_s: longest wait.
    :param unit: a random number in [0, 1); spreads runs that were started together.
    """
    longest = max(MIN_INTERVAL_S, poll_interval_s)
    wait_s = min(longest, max(MIN_INTERVAL_S, age_s * _AGE_SHARE))
    if phase is Phase.QUEUED:
        wait_s = min(longest, wait_s * _QUEUED_FACTOR)
    elif phase is Phase.TERMINATING:
        wait_s = min(wait_s, _TERMINATING_INTERVAL_S)
    return max(MIN_INTERVAL_S * (1 - _JITTER), wait_s * (1 - _JITTER * unit))
