"""A run's result: what its last or a named task returned."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from airbrick.operators.errors import UsageError
from airbrick.operators.runs.view import RunView, TaskView

RESULT_MAX_BYTES: Final = 1024 * 1024
"""Larger results do not belong into Airflow's database."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run returned.

    :param value: decoded when it is JSON, else the text; ``None`` when nothing was returned or it is too large.
    :param truncated: it was longer than Databricks or this operator keeps; a part is never passed off as the whole.
    :param size_bytes: size as text, in UTF-8.
    """

    value: Any
    task_key: str
    truncated: bool = False
    size_bytes: int = 0


def result_task(run: RunView, name: str | None) -> TaskView | None:
    """Give the task whose result is the run's: the named one, else the one that succeeded last.

    :raises UsageError: the run has no task of that name.
    """
    if name is not None:
        named = [task for task in run.tasks if task.task_key == name]
        if not named:
            known = ", ".join(sorted({repr(task.task_key) for task in run.tasks})) or "none"
            raise UsageError(f"result_task={name!r}", f"run {run.run_id} has no such task", fix=f"its tasks: {known}")
        return max(named, key=lambda task: task.attempt_number)
    succeeded = [task for task in run.tasks if task.result in {"SUCCESS", "SUCCESS_WITH_FAILURES"}]
    return max(succeeded, key=lambda task: (task.ended_at, task.task_key), default=None)


def read_result(
    run: RunView,
    *,
    name: str | None,
    output: Callable[[int], Mapping[str, Any]],
    max_bytes: int = RESULT_MAX_BYTES,
) -> Result:
    """Fetch what a run returned through ``dbutils.notebook.exit``.

    :param output: fetches ``runs/get-output`` of a task's run.
    :raises UsageError: the run has no task of that name.
    """
    task = result_task(run, name)
    if task is None:
        return Result(None, "")
    notebook = output(task.run_id).get("notebook_output")
    if not isinstance(notebook, Mapping) or not isinstance(text := notebook.get("result"), str):
        return Result(None, task.task_key)
    size_bytes = len(text.encode(errors="surrogatepass"))
    if bool(notebook.get("truncated")) or size_bytes > max_bytes:
        return Result(None, task.task_key, truncated=True, size_bytes=size_bytes)
    return Result(decode(text), task.task_key, size_bytes=size_bytes)


def decode(text: str) -> Any:  # noqa: ANN401 -- any JSON value
    """Read a text that may be JSON; what Airflow's XComs cannot hold stays text."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text


def _refuse(name: str) -> None:
    # NaN and Infinity are not JSON, and Airflow's XComs cannot hold them.
    raise ValueError(name)
