"""The values that the references of a task stood for when it started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbrick.emulator.graph import task_kind
from airbrick.emulator.references import UnknownReferenceError, resolve_all
from airbrick.emulator.run_values import values_of
from airbrick.emulator.timeline import Iteration, Turn

if TYPE_CHECKING:
    from airbrick.emulator.task_view import TaskRunView

# kind of task -> the fields whose values are shown
_SHOWN = {
    "condition_task": ("left", "right"),
    "notebook_task": ("base_parameters",),
    "python_wheel_task": ("named_parameters", "parameters"),
    "run_job_task": ("job_parameters",),
    "spark_jar_task": ("parameters",),
    "spark_python_task": ("parameters",),
    "spark_submit_task": ("parameters",),
    "sql_task": ("parameters",),
    "dbt_task": ("commands",),
}


def resolved_values(view: TaskRunView) -> dict[str, Any] | None:
    """Return the ``resolved_values`` of an attempt; None before it starts, and for tasks that have none.

    Source: databricks-sdk, ``ResolvedValues`` of runs/get with ``include_resolved_values``.
    """
    kind = task_kind(view.settings)
    turn = turn_of(view)
    if turn is None or kind not in _SHOWN or not view.begun():
        return None
    details = {name: value for name, value in view.settings[kind].items() if name in _SHOWN[kind]}
    try:
        return {kind: resolve_all(details, values_of(view.run, view.round, turn))}
    except UnknownReferenceError:
        return None


def turn_of(view: TaskRunView) -> Turn | None:
    """Return an attempt as it looked when its turn came; None when it never comes."""
    attempt, key = view.attempt, view.key
    timeline = view.run.timeline if view.round is view.run.current else view.round.timeline
    node = view.round.version.node(key)
    if attempt is None or timeline is None or node is None:
        return None
    iteration = None if key.iteration < 0 else Iteration(key.iteration, view.value, key.loop)
    return Turn(node, key.number, attempt.start_s, timeline.tasks, None, iteration)
