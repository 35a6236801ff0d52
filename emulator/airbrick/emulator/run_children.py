"""Run-job tasks: which runs of other jobs a run still has to make or to stop, and with which parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from airbrick.emulator.references import resolve_all
from airbrick.emulator.results import Result
from airbrick.emulator.run import Run
from airbrick.emulator.run_values import values_of
from airbrick.emulator.timeline import NEVER, Attempt, Iteration, Output, TaskRunKey, Turn

if TYPE_CHECKING:
    from airbrick.emulator.graph import TaskNode

KIND = "run_job_task"
MAX_DEPTH = 10

Call = tuple[TaskRunKey, "TaskNode", Attempt]


def open_calls(run: Run) -> list[Call]:
    """Return the attempts at run-job tasks whose end is not recorded."""
    current = run.current
    if current.timeline is None or not current.version.calls:
        return []
    return [call for call in _calls(run) if current.attempt(call[0]) is None]


def call_of(run: Run, key: TaskRunKey) -> Attempt | None:
    """Return an attempt at a run-job task as the run's life has it, or None."""
    return next((attempt for found, _, attempt in _calls(run) if found == key), None)


def due_moment(run: Run) -> float:
    """Return when an admitted run next makes or stops another, or is over."""
    moment_s = run.end_s
    for key, _, attempt in open_calls(run):
        child = run.current.child(key)
        if child is None:
            moment_s = min(moment_s, attempt.start_s if is_due(attempt) else NEVER)
        elif child.current.cancelled_s is None and child.ended is None and child.skip is None:
            moment_s = min(moment_s, attempt.stopping_s)
    return moment_s


def is_due(attempt: Attempt) -> bool:
    """Tell whether an attempt that made no run has to make one when it starts."""
    return attempt.end_s == NEVER


def depth(run: Run) -> int:
    """Return how many runs stand above a run."""
    return 0 if run.parent is None else 1 + depth(run.parent[0])


def parameters_for_child(run: Run, call: Call) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the job parameters and the other parameters that a run-job task gives.

    :raises UnknownReferenceError: a reference stands for nothing
    """
    key, node, attempt = call
    if run.current.timeline is None:
        raise AssertionError(f"run {run.run_id} did not start")
    iteration = None
    if key.iteration >= 0:
        loops = (attempt for life in run.current.timeline.tasks.values() for attempt in life.attempts)
        inputs = next(loop.inputs for loop in loops if loop.number == key.loop and _repeats(loop, key))
        iteration = Iteration(key.iteration, inputs[key.iteration], key.loop)
    turn = Turn(node, key.number, attempt.start_s, run.current.timeline.tasks, None, iteration)
    given = resolve_all(node.details, values_of(run, run.current, turn))
    given.pop("job_id")
    return given.pop("job_parameters", {}), given


def refused(attempt: Attempt, error: str, code: str) -> Attempt:
    """Return the end of an attempt that could make no run."""
    output = Output(error=error, termination_code=code, termination_type="CLIENT_ERROR")
    at_s = attempt.start_s
    return Attempt(attempt.number, at_s, at_s, at_s, Result.FAILED, error, output, steers=True)


def _repeats(loop: Attempt, key: TaskRunKey) -> bool:
    return len(loop.iterations) > key.iteration and loop.iterations[key.iteration].task_key == key.task_key


def _calls(run: Run) -> Iterator[Call]:
    for key, attempt in run.attempts():
        node = run.version.node(key)
        if node is not None and node.kind == KIND:
            yield key, node, attempt
