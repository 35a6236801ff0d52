"""Airflow's timer for ``execution_timeout``, which cuts a task short wherever it is.

The operators keep that limit themselves, at the moments when they can: cut short, a request would start what nobody
knows of, and a cancel would not be sent. Airflow's timer then only ends what hangs.
"""

import signal
from datetime import timedelta
from typing import Final

from airbrick.operators.errors import TooLateError

GRACE_S: Final = 480.0
"""Longest time from a deadline until its cancel is sent or given up: a request and a cancel, each tried for long, and
the last time with a sign-in that hangs."""


def postpone_timer(execution_timeout: timedelta | None) -> None:
    """Let Airflow's timer ring later than the deadline that is kept here, by :data:`GRACE_S`.

    Source: airflow.sdk 1.3, ``execution_time.timeout``: it is the process's real-time timer, started anew
    before each execution and each resumption, and it rings once.

    :param execution_timeout: the task's; without one the timer is not Airflow's, and is left alone.
    """
    left_s, _ = signal.getitimer(signal.ITIMER_REAL)
    if execution_timeout is not None and left_s > 0:
        signal.setitimer(signal.ITIMER_REAL, left_s + GRACE_S)


def shorten_timer(left_s: float) -> None:
    """Let Airflow's timer, which begins anew after each trigger, ring when its limit is used up.

    :param left_s: what is left of ``execution_timeout``, in seconds; more than 0.
    """
    if signal.getitimer(signal.ITIMER_REAL)[0] > left_s:
        signal.setitimer(signal.ITIMER_REAL, left_s)


def check_in_time(
    deadline_at: float | None, *, now: float, execution_timeout: timedelta | None, timeout_s: float | None = None
) -> None:
    """Speak against asking for what would be cancelled at once.

    :param deadline_at: the task's deadline, in seconds since the epoch: the earlier of what its limits leave.
    :param execution_timeout: the task's.
    :param timeout_s: a statement's ``timeout``.
    :raises TooLateError: it has passed.
    """
    if deadline_at is not None and now >= deadline_at:
        limits = [] if timeout_s is None else [(timeout_s, "timeout")]
        if execution_timeout is not None:
            limits.append((execution_timeout.total_seconds(), "execution_timeout"))
        limit_s, limit = min(limits)
        raise TooLateError(limit, limit_s=limit_s)
