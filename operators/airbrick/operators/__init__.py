"""Airflow operators that run provisioned Databricks jobs exactly once.

Importing this package loads nothing else: each name is loaded when it is first used, so that parsing a DAG
costs little more than Airflow itself.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airbrick.operators.cancel_run import CancelRunOperator
    from airbrick.operators.hook import WorkspaceHook
    from airbrick.operators.job_run_sensor import JobRunSensor
    from airbrick.operators.job_run_trigger import JobRunTrigger
    from airbrick.operators.notebook import NotebookOperator
    from airbrick.operators.repair_run import RepairRunOperator
    from airbrick.operators.retry_policy import RunRetryPolicy
    from airbrick.operators.run_now import RunNowOperator
    from airbrick.operators.sql_statement import SqlStatementOperator
    from airbrick.operators.submit_run import SubmitRunOperator
    from airbrick.operators.workspace.wire import Call

_HOME = {
    "Call": "airbrick.operators.workspace.wire",
    "CancelRunOperator": "airbrick.operators.cancel_run",
    "JobRunSensor": "airbrick.operators.job_run_sensor",
    "JobRunTrigger": "airbrick.operators.job_run_trigger",
    "NotebookOperator": "airbrick.operators.notebook",
    "RepairRunOperator": "airbrick.operators.repair_run",
    "RunNowOperator": "airbrick.operators.run_now",
    "RunRetryPolicy": "airbrick.operators.retry_policy",
    "SqlStatementOperator": "airbrick.operators.sql_statement",
    "SubmitRunOperator": "airbrick.operators.submit_run",
    "WorkspaceHook": "airbrick.operators.hook",
}

__all__ = [
    "Call",
    "CancelRunOperator",
    "JobRunSensor",
    "JobRunTrigger",
    "NotebookOperator",
    "RepairRunOperator",
    "RunNowOperator",
    "RunRetryPolicy",
    "SqlStatementOperator",
    "SubmitRunOperator",
    "WorkspaceHook",
]


def __getattr__(name: str) -> object:
    """Load a public name on first use."""
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    try:
        return getattr(import_module(_HOME[name]), name)
    except ImportError as error:
        if name == "RunRetryPolicy":
            raise ImportError("RunRetryPolicy needs Airflow 3.3 or later") from error
        raise


def __dir__() -> list[str]:
    """List the public names without loading them."""
    return sorted(__all__)
