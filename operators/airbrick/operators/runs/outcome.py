"""What the end of a run means for the Airflow task: one table."""

from enum import StrEnum
from typing import Final

from airbrick.operators.runs.view import RunView


class Verdict(StrEnum):
    """What becomes of the task."""

    SUCCESS = "success"
    FAIL = "fail"
    """It fails; the task's retries apply."""
    REJECT = "reject"
    """It fails and is not retried: another attempt would meet the same."""
    SKIP = "skip"


_SUCCESSES: Final = frozenset({"SUCCESS", "SUCCESS_WITH_FAILURES"})

# Source: databricks-sdk 0.156, TerminationCodeCode and RunResultState; "Additional codes might be introduced".
_VERDICTS: Final = {
    "SUCCESS": Verdict.SUCCESS,
    "SUCCESS_WITH_FAILURES": Verdict.SUCCESS,
    # A person said stop, or the same request would be refused again.
    "USER_CANCELED": Verdict.REJECT,
    "INVALID_CLUSTER_REQUEST": Verdict.REJECT,
    "INVALID_RUN_CONFIGURATION": Verdict.REJECT,
    "UNAUTHORIZED_ERROR": Verdict.REJECT,
    "RESOURCE_NOT_FOUND": Verdict.REJECT,
    "FEATURE_DISABLED": Verdict.REJECT,
    "BUDGET_POLICY_LIMIT_EXCEEDED": Verdict.REJECT,
    # Switched off on purpose: nothing went wrong, nothing ran.
    "DISABLED": Verdict.SKIP,
    "EXCLUDED": Verdict.SKIP,
    # Everything below may pass on another day.
    "RUN_EXECUTION_ERROR": Verdict.FAIL,
    "CANCELED": Verdict.FAIL,
    "SKIPPED": Verdict.FAIL,
    "INTERNAL_ERROR": Verdict.FAIL,
    "DRIVER_ERROR": Verdict.FAIL,
    "CLUSTER_ERROR": Verdict.FAIL,
    "CLUSTER_TERMINATED_BY_USER": Verdict.FAIL,
    "CLUSTER_REQUEST_LIMIT_EXCEEDED": Verdict.FAIL,
    "REPOSITORY_CHECKOUT_FAILED": Verdict.FAIL,
    "WORKSPACE_RUN_LIMIT_EXCEEDED": Verdict.FAIL,
    "STORAGE_ACCESS_ERROR": Verdict.FAIL,
    "LIBRARY_INSTALLATION_ERROR": Verdict.FAIL,
    "MAX_CONCURRENT_RUNS_EXCEEDED": Verdict.FAIL,
    "MAX_JOB_QUEUE_SIZE_EXCEEDED": Verdict.FAIL,
    "MAX_SPARK_CONTEXTS_EXCEEDED": Verdict.FAIL,
    "CLOUD_FAILURE": Verdict.FAIL,
    "BREAKING_CHANGE": Verdict.FAIL,
    # Result states that have no termination code of the same name.
    "FAILED": Verdict.FAIL,
    "TIMEDOUT": Verdict.FAIL,
    "MAXIMUM_CONCURRENT_RUNS_REACHED": Verdict.FAIL,
    "UPSTREAM_FAILED": Verdict.FAIL,
    "UPSTREAM_CANCELED": Verdict.FAIL,
}


def verdict(run: RunView) -> Verdict:
    """Decide what an ended run means for the task.

    Success must be said and not contradicted. The termination code decides where it is known, then the result
    state; what is known by neither name fails, and may be retried.

    :param run: a run that has ended.
    """
    said = [name for name in (run.code, run.result) if name]
    if any(name in _SUCCESSES for name in said):
        contradicted = any(name not in _SUCCESSES for name in said) or run.kind not in {"", "SUCCESS"}
        return Verdict.FAIL if contradicted else Verdict.SUCCESS
    return next((_VERDICTS[name] for name in said if name in _VERDICTS), Verdict.FAIL)
