"""The error of a run that did not succeed: what failed first, why, and where to look."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from airbrick.operators.errors import (
    ApiError,
    RunBusyError,
    RunError,
    RunFailedError,
    RunRejectedError,
    UnavailableError,
)
from airbrick.operators.runs.outcome import Verdict
from airbrick.operators.runs.view import RunView, TaskView

TRACE_TAIL_CHARS: Final = 2000

# Tasks with these results did not fail themselves.
_CONSEQUENCES: Final = frozenset(
    {"UPSTREAM_FAILED", "UPSTREAM_CANCELED", "EXCLUDED", "DISABLED", "SKIPPED", "CANCELED", "BLOCKED"}
)
_SUCCESSES: Final = frozenset({"SUCCESS", "SUCCESS_WITH_FAILURES"})


def first_failure(run: RunView) -> TaskView | None:
    """Give the task that failed first, last attempts only.

    A task that was merely cancelled or left out counts only when no task failed by itself.
    """
    latest: dict[str, TaskView] = {}
    for task in run.tasks:
        if task.task_key not in latest or latest[task.task_key].attempt_number <= task.attempt_number:
            latest[task.task_key] = task
    failed = [task for task in latest.values() if task.result not in _SUCCESSES]
    causes = [task for task in failed if task.result not in _CONSEQUENCES]
    return min(causes or failed, key=lambda task: (task.ended_at or float("inf"), task.task_key), default=None)


def failure(run: RunView, outcome: Verdict, *, label: str, output: Callable[[int], Mapping[str, Any]]) -> RunError:
    """Make the error of an ended run.

    :param outcome: what its end means for the task.
    :param label: how users call what was run.
    :param output: fetches ``runs/get-output`` of a task's run; its failure does not hide the run's.
    """
    code = run.code or run.result or run.state
    lines = [f"run {run.run_id} of {label} did not succeed: {code}" + (f": {run.message}" if run.message else "")]
    if task := first_failure(run):
        lines += _task_lines(task, output)
    if run.url:
        lines.append(run.url)
    text = "\n".join(lines)
    if outcome is Verdict.REJECT:
        return RunRejectedError(text, run_id=run.run_id, url=run.url, code=code)
    kind = RunBusyError if outcome is Verdict.LATER else RunFailedError
    return kind(text, run_id=run.run_id, url=run.url, code=code)


def _task_lines(task: TaskView, output: Callable[[int], Mapping[str, Any]]) -> list[str]:
    try:
        body = output(task.run_id)
    except (ApiError, UnavailableError) as error:
        return [f"task {task.task_key!r}: {task.result}: {task.message}", f"its output could not be read: {error}"]
    error_text = str(body.get("error") or task.message)
    trace = str(body.get("error_trace") or "").strip()
    lines = [f"task {task.task_key!r}: {task.result}: {error_text}"]
    if trace:
        cut = len(trace) > TRACE_TAIL_CHARS
        lines.append(("…" if cut else "") + trace[-TRACE_TAIL_CHARS:])
    return lines
