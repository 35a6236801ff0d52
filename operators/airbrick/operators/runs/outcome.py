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
    LATER = "later"
    """It fails because something is full or down: a retry does better after a while."""
    SKIP = "skip"


CANCELLED_BY_PERSON: Final = "USER_CANCELED"

_SUCCESSES: Final = frozenset({"SUCCESS", "SUCCESS_WITH_FAILURES"})

# Source: databricks-sdk 0.156, TerminationCodeCode and RunResultState; "Additional codes might be introduced".
_VERDICTS: Final = {
    "SUCCESS": Verdict.SUCCESS,
    "SUCCESS_WITH_FAILURES": Verdict.SUCCESS,
    # A person said stop, or the same request would be refused again.
    CANCELLED_BY_PERSON: Verdict.REJECT,
    "INVALID_CLUSTER_REQUEST": Verdict.REJECT,
    "INVALID_RUN_CONFIGURATION": Verdict.REJECT,
    "UNAUTHORIZED_ERROR": Verdict.REJECT,
    "RESOURCE_NOT_FOUND": Verdict.REJECT,
    "FEATURE_DISABLED": Verdict.REJECT,
    "BUDGET_POLICY_LIMIT_EXCEEDED": Verdict.REJECT,
    # Switched off on purpose: nothing went wrong, nothing ran.
    "DISABLED": Verdict.SKIP,
    "EXCLUDED": Verdict.SKIP,
    # Something is full, or the cloud fails: the next moment is as bad as this one.
    "CLUSTER_REQUEST_LIMIT_EXCEEDED": Verdict.LATER,
    "WORKSPACE_RUN_LIMIT_EXCEEDED": Verdict.LATER,
    "MAX_CONCURRENT_RUNS_EXCEEDED": Verdict.LATER,
    "MAXIMUM_CONCURRENT_RUNS_REACHED": Verdict.LATER,
    "MAX_JOB_QUEUE_SIZE_EXCEEDED": Verdict.LATER,
    "MAX_SPARK_CONTEXTS_EXCEEDED": Verdict.LATER,
    "CLOUD_FAILURE": Verdict.LATER,
    # Everything below may pass on another try.
    "RUN_EXECUTION_ERROR": Verdict.FAIL,
    "CANCELED": Verdict.FAIL,
    "SKIPPED": Verdict.FAIL,
    "INTERNAL_ERROR": Verdict.FAIL,
    "DRIVER_ERROR": Verdict.FAIL,
    "CLUSTER_ERROR": Verdict.FAIL,
    "CLUSTER_TERMINATED_BY_USER": Verdict.FAIL,
    "REPOSITORY_CHECKOUT_FAILED": Verdict.FAIL,
    "STORAGE_ACCESS_ERROR": Verdict.FAIL,
    "LIBRARY_INSTALLATION_ERROR": Verdict.FAIL,
    "BREAKING_CHANGE": Verdict.FAIL,
    # Result states that have no termination code of the same name.
    "FAILED": Verdict.FAIL,
    "TIMEDOUT": Verdict.FAIL,
    "UPSTREAM_FAILED": Verdict.FAIL,
    "UPSTREAM_CANCELED": Verdict.FAIL,
}


# Source: databricks-sdk 0.156, TerminationTypeType; for codes that are not known here.
_OF_KIND: Final = {"CLIENT_ERROR": Verdict.FAIL, "INTERNAL_ERROR": Verdict.FAIL, "CLOUD_FAILURE": Verdict.LATER}

# A run that failed by itself; what was cancelled, skipped or refused has nothing to repair.
_REPAIRABLE: Final = frozenset(
    {
        "RUN_EXECUTION_ERROR",
        "DRIVER_ERROR",
        "CLUSTER_ERROR",
        "INTERNAL_ERROR",
        "CLOUD_FAILURE",
        "LIBRARY_INSTALLATION_ERROR",
        "REPOSITORY_CHECKOUT_FAILED",
        "STORAGE_ACCESS_ERROR",
        "CLUSTER_REQUEST_LIMIT_EXCEEDED",
        "MAX_SPARK_CONTEXTS_EXCEEDED",
        "SUCCESS_WITH_FAILURES",
    }
)
_REPAIRABLE_RESULTS: Final = frozenset({"FAILED", "TIMEDOUT", "UPSTREAM_FAILED", "SUCCESS_WITH_FAILURES"})


def verdict(run: RunView, *, partial_success: bool = True) -> Verdict:
    """Decide what an ended run means for the task.

    Success must be said and not contradicted. The termination code decides where it is known, then the result
    state, then the kind of termination; what is known by no name fails, and may be retried.

    :param run: a run that has ended.
    :param partial_success: whether a run counts as successful whose failed tasks the job tolerates.
    """
    said = [name for name in (run.code, run.result) if name]
    if any(name in _SUCCESSES for name in said):
        contradicted = any(name not in _SUCCESSES for name in said) or run.kind not in {"", "SUCCESS"}
        refused = not partial_success and partly_failed(run)
        return Verdict.FAIL if contradicted or refused else Verdict.SUCCESS
    known = next((_VERDICTS[name] for name in said if name in _VERDICTS), None)
    return known or _OF_KIND.get(run.kind, Verdict.FAIL)


def partly_failed(run: RunView) -> bool:
    """Tell whether a run succeeded although some of its tasks failed."""
    return "SUCCESS_WITH_FAILURES" in {run.code, run.result}


def repairable(run: RunView) -> bool:
    """Tell whether a run that has ended failed by itself, so that its failed tasks may be run again.

    A run that a person, a deadline or the platform cancelled did not.
    """
    return run.code in _REPAIRABLE if run.code else run.result in _REPAIRABLE_RESULTS
