"""Plans: how simulated runs behave, as data."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any

from airbrick.emulator.errors import ConfigurationError
from airbrick.emulator.timeline import Output

RESULTS = ("SUCCESS", "FAILED", "TIMEDOUT", "CANCELED")
PROGRESSES = ("clock", "instant", "polls", "manual")
_SECONDS = ("setup_s", "run_s", "cancel_s")
_NUMBERS = (*_SECONDS, "jitter", "attempt", "seed")


@dataclass(frozen=True, slots=True)
class Plan:
    """How the attempts that match behave.

    Attempts at condition, for-each and run-job tasks do what the job says unless a plan names them: ``task="*"``
    leaves them alone.

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
    :param values: task values that the attempt sets
    :param outcome: ``true`` or ``false``, of a condition task
    :param jitter: part by which ``setup_s`` and ``run_s`` vary, from 0 to 1
    :param seed: decides how they vary; the same seed, the same times
    :param progress: what moves an attempt on: the ``clock``; ``polls``, each runs/get of its run one step; ``manual``,
        each ``/_local/runs/{id}/advance`` one step; or nothing, as ``instant`` is over at once
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
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    outcome: str | None = None
    jitter: float = 0.0
    seed: int = 0
    progress: str = "clock"
    product: Output = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.result not in RESULTS:
            raise ConfigurationError(f"plan: result must be one of {', '.join(RESULTS)}, not {self.result!r}")
        if self.progress not in PROGRESSES:
            raise ConfigurationError(f"plan: progress must be one of {', '.join(PROGRESSES)}, not {self.progress!r}")
        if self.outcome not in (None, "true", "false"):
            raise ConfigurationError(f"plan: outcome must be true or false, not {self.outcome!r}")
        for name in (*_SECONDS, "jitter"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
                raise ConfigurationError(f"plan: {name} must be a number, 0 or more, not {value!r}")
        if self.jitter > 1:
            raise ConfigurationError(f"plan: jitter must be from 0 to 1, not {self.jitter!r}")
        if self.attempt is not None and (isinstance(self.attempt, bool) or not isinstance(self.attempt, int)):
            raise ConfigurationError(f"plan: attempt must be a number from 0, not {self.attempt!r}")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int):
            raise ConfigurationError(f"plan: seed must be a whole number, not {self.seed!r}")
        _check_values(self.values)
        object.__setattr__(self, "product", self._product())

    def shown(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.init}

    @property
    def is_stepped(self) -> bool:
        """Whether attempts go on step by step, whatever the clock says."""
        return self.progress in ("polls", "manual")

    def durations(self, *attempt: object) -> tuple[float, float]:
        """Return how long an attempt is PENDING and RUNNING, in seconds.

        :param attempt: what tells it from other attempts, for the jitter
        """
        if self.progress == "instant":
            return 0.0, 0.0
        if not self.jitter:
            return self.setup_s, self.run_s
        dice = random.Random(f"{self.seed}:{attempt}")  # noqa: S311 - times, not secrets
        return tuple(seconds * (1 + self.jitter * dice.uniform(-1, 1)) for seconds in (self.setup_s, self.run_s))  # type: ignore[return-value]  # two of them

    def _product(self) -> Output:
        return Output(
            error=self.error or ("Planned failure." if self.result == "FAILED" else None),
            error_trace=self.error_trace,
            logs=self.logs,
            notebook_result=self.output,
            termination_code=self.termination_code,
            termination_type=self.termination_type,
            task_values=self.values,
        )

    def matches(self, job: str, task: str, attempt: int) -> bool:
        """Tell whether the plan covers an attempt."""
        return (
            (self.attempt is None or self.attempt == attempt)
            and fnmatchcase(job, self.job)
            and fnmatchcase(task, self.task)
        )


def _check_values(values: object) -> None:
    good = isinstance(values, Mapping) and all(isinstance(name, str) for name in values)
    try:
        json.dumps(values)
    except (TypeError, ValueError):
        good = False
    if not good:
        raise ConfigurationError("plan: values must be an object with task values as JSON")


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
    known = {item.name for item in fields(Plan) if item.init}
    if unknown := sorted(set(values) - known):
        raise ConfigurationError(f"plan: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    for name, value in values.items():
        if name not in (*_NUMBERS, "values") and not (value is None or isinstance(value, str)):
            raise ConfigurationError(f"plan: {name} must be a string, not {value!r}")
    return Plan(**values)  # type: ignore[arg-type]  # types were checked above and in __post_init__
