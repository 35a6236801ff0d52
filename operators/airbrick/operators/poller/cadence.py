"""How soon to look at a run again."""

from typing import Final

from airbrick.operators.poller.history import Span
from airbrick.operators.runs.view import Phase

MIN_INTERVAL_S: Final = 1.0
_AGE_SHARE: Final = 0.1
_QUEUED_FACTOR: Final = 2.0
_TERMINATING_INTERVAL_S: Final = 3.0
JITTER: Final = 0.2
_USUAL_END_INTERVAL_S: Final = 4.0
_LATE_MARGIN: Final = 1.25


def next_look_s(
    phase: Phase,
    *,
    age_s: float,
    poll_interval_s: float,
    unit: float,
    least_s: float = MIN_INTERVAL_S,
    span: Span | None = None,
) -> float:
    """Give the wait until a run is looked at again.

    A young run is looked at often and an old one rarely: the wait is a tenth of the run's age, so that its end is
    never seen late by more than that share, up to ``poll_interval_s``. A run in the queue waits twice as long;
    one that is terminating is looked at often, because its end is near.

    Where the job's history tells when its runs usually end, a run is looked at often then, and the first look of
    that time comes when it begins.

    :param age_s: time since the run was submitted.
    :param poll_interval_s: longest wait, unless ``least_s`` is longer.
    :param least_s: shortest wait.
    :param span: when runs of the job usually end.
    :param unit: a random number in [0, 1); spreads runs that were started together.
    """
    least = max(MIN_INTERVAL_S, least_s)
    longest = max(least, poll_interval_s)
    wait_s = min(longest, max(least, age_s * _AGE_SHARE))
    if phase is Phase.QUEUED:
        wait_s = min(longest, wait_s * _QUEUED_FACTOR)
    elif phase is Phase.TERMINATING:
        wait_s = min(wait_s, max(least, _TERMINATING_INTERVAL_S))
    elif span is not None:
        wait_s = max(least, _by_history_s(wait_s, age_s, span))
    return wait_s * (1 - JITTER * unit)


def _by_history_s(wait_s: float, age_s: float, span: Span) -> float:
    if age_s < span.early_s:
        return min(wait_s, span.early_s - age_s)
    return min(wait_s, _USUAL_END_INTERVAL_S) if age_s <= span.late_s * _LATE_MARGIN else wait_s
