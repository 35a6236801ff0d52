"""The steps of a run's life, as places in the code of the two operators that are compared."""

from dataclasses import dataclass
from typing import Final

OURS: Final = "airbrick"
OFFICIAL: Final = "official"


@dataclass(frozen=True, slots=True)
class Place:
    """A call in a worker.

    :param call: which call of the process.
    """

    module: str
    owner: str
    method: str
    call: int = 1


_RECORDS: Final = "airbrick.operators.submission.record"
_SUBMIT: Final = "airbrick.operators.submission.submit"
_EXECUTION: Final = "airbrick.operators.execution"
_HOOK: Final = "airflow.providers.databricks.hooks.databricks"
_RUN_NOW: Final = "airflow.providers.databricks.operators.databricks"
_HOOK_CALLS: Final = "DatabricksHook"
_OPERATOR: Final = "DatabricksRunNowOperator"

IN_WORKER: Final = {
    "before the intent": {
        OURS: Place(_RECORDS, "RecordStore", "write", 1),
        # It stores nothing; this is where it could.
        OFFICIAL: Place(_RUN_NOW, _OPERATOR, "_prepare_run_now_json"),
    },
    "before the request": {
        OURS: Place(_SUBMIT, "Submission", "_request"),
        OFFICIAL: Place(_HOOK, _HOOK_CALLS, "run_now"),
    },
    "before the answer is stored": {
        OURS: Place(_RECORDS, "RecordStore", "write", 2),
        OFFICIAL: Place(_HOOK, _HOOK_CALLS, "get_job_id"),
    },
    "before the first look": {
        OURS: Place("airbrick.operators.workspace.client", "WorkspaceClient", "run"),
        OFFICIAL: Place(_HOOK, _HOOK_CALLS, "get_run"),
    },
    "before deferring": {
        OURS: Place(_EXECUTION, "Execution", "_wait"),
        OFFICIAL: Place(_RUN_NOW, _OPERATOR, "defer"),
    },
    "before resuming": {
        OURS: Place(_EXECUTION, "Execution", "resume"),
        OFFICIAL: Place(_RUN_NOW, _OPERATOR, "execute_complete"),
    },
    "before the report": {
        OURS: Place("airbrick.operators.report", "Reporter", "report"),
        # It looks at the run no more once it is resumed.
        OFFICIAL: Place(_RUN_NOW, _OPERATOR, "execute_complete"),
    },
}
"""Steps at which a worker is busy with the run. What is after one step is before the next."""

EVENT: Final = "before the event"
"""The run has ended, and the trigger is about to say so."""

DEFERRED: Final = "deferred"
STATES: Final = frozenset({"scheduled", "queued", DEFERRED, "up_for_retry", "success", "failed"})
"""Moments that Airflow's state of the task tells."""
