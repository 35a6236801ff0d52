"""How long a run may take in each phase."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from airbrick.operators.runs.view import Phase, RunView


class Deadline(StrEnum):
    """Which limit ended a run."""

    QUEUE = "queue"
    START = "start"
    RUN = "run"
    EXECUTION = "execution"


def told_before(limit_at: float | None, told_at: float | None) -> float | None:
    """Give a limit of the task as a trigger was told it, if that is earlier.

    Airflow 3.1 says after each trigger that the attempt has just started. Source: airflow.sdk 1.1,
    ``execution_time.supervisor``, which sends the present as ``start_date`` also when a task is resumed.

    :param limit_at: the limit as it is worked out now, in seconds since the epoch.
    :param told_at: the limit in the trigger's event; ``None`` where it names none.
    """
    return limit_at if limit_at is None or told_at is None else min(limit_at, told_at)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Absolute limits of one run; they survive a restart of whatever watches it.

    :param submitted_at: when the run was asked for, in seconds since the epoch on Airflow's clock.
    :param queue_s: longest time in the queue, from submission.
    :param start_s: longest time from the queue's end until a task runs (cluster start-up).
    :param run_s: longest time from the queue's end until the run's end.
    :param execution_at: when the task's ``execution_timeout`` is used up, in seconds since the epoch.
    """

    submitted_at: float
    queue_s: float | None = None
    start_s: float | None = None
    run_s: float | None = None
    execution_at: float | None = None

    def expiry(self, run: RunView | None) -> tuple[float, Deadline] | None:
        """Give the next limit of a run in its present phase, as a time and its name.

        :param run: the run as last seen; ``None`` before it was seen.
        :returns: ``None`` when nothing limits this phase.
        """
        limits: list[tuple[float, Deadline]] = []
        if self.execution_at is not None:
            limits.append((self.execution_at, Deadline.EXECUTION))
        if run is None:
            return min(limits) if limits else None
        dequeued_at = self.submitted_at + run.queue_s
        if run.phase is Phase.QUEUED:
            if self.queue_s is not None:
                limits.append((self.submitted_at + self.queue_s, Deadline.QUEUE))
        elif not run.ended:
            if self.start_s is not None and run.phase is Phase.PENDING:
                limits.append((dequeued_at + self.start_s, Deadline.START))
            if self.run_s is not None:
                limits.append((dequeued_at + self.run_s, Deadline.RUN))
        return min(limits) if limits else None

    def passed(self, run: RunView | None, now: float) -> Deadline | None:
        """Tell which limit a run has passed.

        :param run: the run as last seen; ``None`` before it was seen.
        :param now: seconds since the epoch on Airflow's clock.
        """
        expiry = None if run is not None and run.ended else self.expiry(run)
        return expiry[1] if expiry and now >= expiry[0] else None

    def to_json(self) -> dict[str, Any]:
        """Write the limits for the trigger's row."""
        return {
            "submitted_at": self.submitted_at,
            "queue_s": self.queue_s,
            "start_s": self.start_s,
            "run_s": self.run_s,
            "execution_at": self.execution_at,
        }
