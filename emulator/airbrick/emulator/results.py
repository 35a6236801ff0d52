"""How runs end, and what that means for the tasks that follow."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Result(StrEnum):
    """How a run ended: the API's ``result_state``."""

    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    TIMEDOUT = "TIMEDOUT"
    CANCELED = "CANCELED"
    UPSTREAM_FAILED = "UPSTREAM_FAILED"
    UPSTREAM_CANCELED = "UPSTREAM_CANCELED"
    EXCLUDED = "EXCLUDED"
    DISABLED = "DISABLED"
    SUCCESS_WITH_FAILURES = "SUCCESS_WITH_FAILURES"
    MAXIMUM_CONCURRENT_RUNS_REACHED = "MAXIMUM_CONCURRENT_RUNS_REACHED"


FAILURES = frozenset({Result.FAILED, Result.TIMEDOUT, Result.UPSTREAM_FAILED})
CANCELS = frozenset({Result.CANCELED, Result.UPSTREAM_CANCELED})


def verdict(run_if: str, upstream: Sequence[Result]) -> Result | None:
    """Decide whether a task starts once all it depends on is over.

    Excluded tasks count as successful, but a task whose dependencies were all excluded is excluded too; tasks
    that the caller of run-now left out do not count at all.

    Source: https://docs.databricks.com/aws/en/jobs/run-if

    :param run_if: the task's condition
    :param upstream: how its dependencies ended
    :returns: None when the task starts, else its result
    """
    considered = [result for result in upstream if result is not Result.DISABLED]
    if not considered:
        return None
    if all(result is Result.EXCLUDED for result in considered):
        return Result.EXCLUDED
    failures = sum(result in FAILURES for result in considered)
    bad = failures + sum(result in CANCELS for result in considered)
    good = len(considered) - bad
    starts = {
        "ALL_SUCCESS": bad == 0,
        "ALL_DONE": True,
        "NONE_FAILED": bad == 0,
        "AT_LEAST_ONE_SUCCESS": good > 0,
        "ALL_FAILED": good == 0,
        "AT_LEAST_ONE_FAILED": bad > 0,
    }[run_if]
    if starts:
        return None
    if run_if in ("ALL_FAILED", "AT_LEAST_ONE_FAILED"):
        return Result.EXCLUDED
    return Result.UPSTREAM_FAILED if failures else Result.UPSTREAM_CANCELED
