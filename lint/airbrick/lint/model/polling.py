"""Calls that ask Databricks how far something is."""

from typing import Final

from airbrick.lint.facts.values import parts_of
from airbrick.lint.model.elements import OutsideCall

SLEEPS: Final = frozenset({"time.sleep", "asyncio.sleep"})
_HOOKS: Final = "airflow.providers.databricks.hooks."
_HOOK_METHODS: Final = frozenset(
    {
        *("get_run", "get_run_state", "get_run_state_str", "get_run_state_lifecycle", "get_run_state_result"),
        *("get_run_state_message", "get_sql_statement_state", "get_cluster_state", "a_get_run", "a_get_run_state"),
    }
)
_CLIENT: Final = "databricks.sdk.WorkspaceClient()."
_CLIENT_METHODS: Final = frozenset(
    {
        *("jobs.get_run", "jobs.list_runs", "statement_execution.get_statement", "pipelines.get_update"),
        *("clusters.get", "warehouses.get"),
    }
)
_REQUESTS: Final = frozenset({"requests.get", "requests.request", "httpx.get", "httpx.request"})
_ADDRESSES: Final = ("/jobs/runs/get", "/jobs/runs/list", "/sql/statements/", "/clusters/get", "/sql/warehouses/")


def asks_for_state(call: OutsideCall) -> bool:
    """Tell whether a call asks for the state of a run, a statement, a cluster or a warehouse."""
    value = call.value
    for name in value.callee.names:
        if name.startswith(_HOOKS) and name.rpartition("().")[2] in _HOOK_METHODS:
            return True
        if name.startswith(_CLIENT) and name.removeprefix(_CLIENT) in _CLIENT_METHODS:
            return True
        if name in _REQUESTS:
            given = [*value.arguments.positional, value.arguments.get("url")]
            texts = [part for fact in given for part in parts_of(fact) if part is not None]
            return any(address in text for text in texts for address in _ADDRESSES)
    return False
