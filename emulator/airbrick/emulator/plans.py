"""Plans: how simulated runs behave, as data."""

from __future__ import annotations

from dataclasses import dataclass, fields
from fnmatch import fnmatchcase

from airbrick.emulator.errors import ConfigurationError

RESULTS = ("SUCCESS", "FAILED", "TIMEDOUT", "CANCELED")


@dataclass(frozen=True, slots=True)
class Plan:
    """How the attempts that match behave.

    :param job: glob on the job's name
    :param task: glob on the task key
    :param attempt: attempt number from 0, or None for all
    :param setup_s: seconds an attempt is PENDING
    :param run_s: seconds it is RUNNING
    :param result: one of SUCCESS, FAILED, TIMEDOUT, CANCELED
    :param error: error text of the output
    :param error_trace: stack trace of the output
    :param output: value that a notebook returns
    :param logs: standard output
    :param cancel_s: seconds from a cancel to the end
    :param termination_code: ``status.termination_details.code`` in place of the usual one
    :param termination_type: ``status.termination_details.type`` in place of the usual one
    """

    job: str = "*"
    task: str = "*"
    attempt: int | None = None
    setup_s: float = 2.0
    run_s: float = 5.0
    result: str = "SUCCESS"
    error: str | None = None
    error_trace: str | None = None
    output: str | None = None
    logs: str | None = None
    cancel_s: float = 1.0
    termination_code: str | None = None
    termination_type: str | None = None

    def __post_init__(self) -> None:
        if self.result not in RESULTS:
            raise ConfigurationError(f"plan: result must be one of {', '.join(RESULTS)}, not {self.result!r}")
        for name in ("setup_s", "run_s", "cancel_s"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
                raise ConfigurationError(f"plan: {name} must be 0 or more seconds, not {value!r}")
        if self.attempt is not None and (isinstance(self.attempt, bool) or not isinstance(self.attempt, int)):
            raise ConfigurationError(f"plan: attempt must be a number from 0, not {self.attempt!r}")

    def matches(self, job: str, task: str, attempt: int) -> bool:
        """Tell whether the plan covers an attempt."""
        return (
            (self.attempt is None or self.attempt == attempt)
            and fnmatchcase(job, self.job)
            and fnmatchcase(task, self.task)
        )


DEFAULT_PLAN = Plan()
Plans = tuple[Plan, ...]


def plan_for(plans: Plans, job: str, task: str, attempt: int) -> Plan | None:
    """Return the plan of an attempt: the one that was added last wins.

    :returns: None when no plan matches
    """
    for plan in reversed(plans):
        if plan.matches(job, task, attempt):
            return plan
    return None


def read_plan(values: dict[str, object]) -> Plan:
    """Return a plan made of JSON values.

    :raises ConfigurationError: a key is unknown or a value has the wrong type
    """
    known = {field.name for field in fields(Plan)}
    if unknown := sorted(set(values) - known):
        raise ConfigurationError(f"plan: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    for name, value in values.items():
        if name not in ("attempt", "setup_s", "run_s", "cancel_s") and not (value is None or isinstance(value, str)):
            raise ConfigurationError(f"plan: {name} must be a string, not {value!r}")
    return Plan(**values)  # type: ignore[arg-type]  # types were checked above and in __post_init__
