"""Drives the official Airflow provider: one JSON request a line in, one JSON answer a line out.

It runs in the provider's own environment, so it may import nothing of airbrick.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

CONNECTION = "databricks_default"
RETRIES = {"retry_limit": 3, "retry_delay": 0.1}


def hook() -> Any:
    """Return a new hook, so that nothing is remembered from the request before."""
    return import_module("airflow.providers.databricks.hooks.databricks").DatabricksHook(CONNECTION, **RETRIES)


def call(method: str, arguments: list[Any]) -> Any:
    """Call a method of the hook."""
    return getattr(hook(), method)(*arguments)


def call_async(method: str, arguments: list[Any]) -> Any:
    """Call a method of the hook in an event loop, as a triggerer does."""

    async def inside() -> Any:
        async with hook() as opened:
            return await getattr(opened, method)(*arguments)

    return asyncio.run(inside())


class TaskInstance:
    """Keeps what an operator pushes."""

    def __init__(self) -> None:
        self.pushed: dict[str, Any] = {}
        self.map_index, self.try_number = -1, 1

    def xcom_push(self, key: str, value: Any) -> None:
        """Keep a value."""
        self.pushed[key] = value


def run_deferred(options: dict[str, Any]) -> Any:
    """Execute DatabricksRunNowOperator up to its deferral, its trigger to the end, and then the rest."""
    module = import_module("airflow.providers.databricks.operators.databricks")
    deferred = import_module("airflow.sdk.exceptions").TaskDeferred
    instance = TaskInstance()
    operator = module.DatabricksRunNowOperator(
        task_id="run",
        databricks_conn_id=CONNECTION,
        deferrable=True,
        polling_period_seconds=0.05,
        databricks_retry_delay=0.1,
        **options,
    )
    context = {"ti": instance}
    try:
        operator.execute(context)
    except deferred as deferral:
        path, values = deferral.trigger.serialize()
        event = asyncio.run(_first_event(path, json.loads(json.dumps(values))))
        getattr(operator, deferral.method_name)(context, event)
        return {"event": event, "pushed": instance.pushed}
    return {"event": None, "pushed": instance.pushed}


async def _first_event(path: str, values: dict[str, Any]) -> Any:
    module, _, name = path.rpartition(".")
    async for event in getattr(import_module(module), name)(**values).run():
        return event.payload
    return None


OPERATIONS: dict[str, Callable[..., Any]] = {"call": call, "call_async": call_async, "run_deferred": run_deferred}


def main() -> None:
    """Answer until the requests end; whatever Airflow prints goes to the standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        os.environ.update(request["environment"])
        try:
            answer = {"value": OPERATIONS[request["operation"]](*request["arguments"])}
        except Exception as error:  # noqa: BLE001 - the test judges it
            answer = {"error": type(error).__name__, "message": str(error)}
        answers.write(json.dumps(answer, default=lambda value: getattr(value, "__dict__", str(value))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
