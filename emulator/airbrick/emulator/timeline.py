"""The life of a run as a value: when each task starts and ends, and how.

A timeline is a pure function of the job's graph, the behaviour of each attempt, and the moment at which the
run is stopped, if it is. The state at any moment is read from it; nothing ticks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from airbrick.emulator.graph import TaskNode, leaves
from airbrick.emulator.results import CANCELS, FAILURES, Result, verdict

NEVER = math.inf


MAX_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class Output:
    """What an attempt left behind.

    :param notebook_result: value given to ``dbutils.notebook.exit``
    :param termination_code: in place of the usual ``termination_details.code``
    :param termination_type: in place of the usual ``termination_details.type``
    :param task_values: values for later tasks
    """

    error: str | None = None
    error_trace: str | None = None
    logs: str | None = None
    logs_truncated: bool = False
    notebook_result: str | None = None
    notebook_result_truncated: bool = False
    termination_code: str | None = None
    termination_type: str | None = None
    task_values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a task; moments in seconds, :data:`NEVER` while unknown.

    :param start_s: when it is PENDING from
    :param running_s: when it is RUNNING from
    :param stopping_s: when it is TERMINATING from, if it was stopped
    :param end_s: when it is over
    :param outcome: ``true`` or ``false`` for a condition task
    """

    number: int
    start_s: float
    running_s: float
    end_s: float
    result: Result
    message: str = ""
    output: Output = Output()
    outcome: str | None = None
    stop_lag_s: float = 0.0
    stopping_s: float = NEVER
    real: bool = False


@dataclass(frozen=True, slots=True)
class TaskTimeline:
    """The attempts at a task, or the verdict that it never starts.

    :param end_s: when the task is over for good
    :param result: how, once ``end_s`` is reached
    """

    task_key: str
    end_s: float
    result: Result
    attempts: tuple[Attempt, ...] = ()

    @property
    def outcome(self) -> str | None:
        """Outcome of a condition task."""
        return self.attempts[-1].outcome if self.attempts else None


@dataclass(frozen=True, slots=True)
class Stop:
    """The run is stopped at a moment.

    :param result: CANCELED or TIMEDOUT
    """

    at_s: float
    result: Result


@dataclass(frozen=True, slots=True)
class RunTimeline:
    """The life of a run that was admitted.

    :param running_s: when its first task runs
    :param stopping_s: when it is TERMINATING from
    :param tasks: by task key, upstream first
    """

    start_s: float
    running_s: float
    stopping_s: float
    end_s: float
    result: Result
    tasks: Mapping[str, TaskTimeline]

    @property
    def failed_tasks(self) -> tuple[TaskTimeline, ...]:
        """Tasks that failed by themselves."""
        return tuple(task for task in self.tasks.values() if task.result in (Result.FAILED, Result.TIMEDOUT))


Behaviour = Callable[[TaskNode, int, float], Attempt]


def run_timeline(
    nodes: Sequence[TaskNode],
    behaviour: Behaviour,
    *,
    start_s: float,
    stop: Stop | None = None,
    only: frozenset[str] | None = None,
) -> RunTimeline:
    """Return the life of a run.

    :param nodes: the job's tasks, upstream first
    :param behaviour: what an attempt does, given the task, the attempt number and when it starts
    :param stop: a cancel or the job's timeout; without effect when the run is over before
    :param only: the tasks to run; the others are DISABLED
    """
    tasks: dict[str, TaskTimeline] = {}
    for node in nodes:
        if only is not None and node.task_key not in only:
            tasks[node.task_key] = TaskTimeline(node.task_key, start_s, Result.DISABLED)
        else:
            tasks[node.task_key] = _task_timeline(node, tasks, behaviour, start_s, stop)
    natural_end_s = max((task.end_s for task in tasks.values()), default=start_s)
    stopped = stop if stop is not None and _stopped(tasks, stop) else None
    running_s = min((a.running_s for t in tasks.values() for a in t.attempts), default=NEVER)
    if stopped:
        return RunTimeline(start_s, running_s, stopped.at_s, max(natural_end_s, stopped.at_s), stopped.result, tasks)
    return RunTimeline(start_s, running_s, NEVER, natural_end_s, _run_result(tuple(nodes), tasks), tasks)


def _task_timeline(
    node: TaskNode,
    tasks: Mapping[str, TaskTimeline],
    behaviour: Behaviour,
    start_s: float,
    stop: Stop | None,
) -> TaskTimeline:
    upstream = [tasks[dependency.task_key] for dependency in node.depends_on]
    ready_s = max((task.end_s for task in upstream), default=start_s)
    stop_s = stop.at_s if stop else NEVER
    if ready_s > stop_s:
        return TaskTimeline(node.task_key, stop_s, Result.CANCELED)
    if ready_s == NEVER:
        return TaskTimeline(node.task_key, NEVER, Result.SUCCESS)
    result = verdict(node.run_if, [task.result for task in upstream])
    if result is None and not _outcomes_met(node, tasks):
        result = Result.EXCLUDED
    if result is not None:
        return TaskTimeline(node.task_key, ready_s, result)
    return _attempts(node, behaviour, ready_s, stop)


def _outcomes_met(node: TaskNode, tasks: Mapping[str, TaskTimeline]) -> bool:
    return all(
        dependency.outcome is None or tasks[dependency.task_key].outcome in (None, dependency.outcome)
        for dependency in node.depends_on
    )


def _attempts(node: TaskNode, behaviour: Behaviour, ready_s: float, stop: Stop | None) -> TaskTimeline:
    attempts: list[Attempt] = []
    start_s = ready_s
    while True:
        attempt = behaviour(node, len(attempts), start_s)
        attempt = _timed_out(node, attempt)
        if stop is not None and attempt.end_s > stop.at_s:
            attempt = _stop_attempt(attempt, stop)
            attempts.append(attempt)
            break
        attempts.append(attempt)
        if attempt.end_s == NEVER or not _retried(node, attempt):
            break
        start_s = attempt.end_s + node.retry_interval_s
    return TaskTimeline(node.task_key, attempts[-1].end_s, attempts[-1].result, tuple(attempts))


def _retried(node: TaskNode, attempt: Attempt) -> bool:
    limit = MAX_ATTEMPTS - 1 if node.max_retries < 0 else min(node.max_retries, MAX_ATTEMPTS - 1)
    if attempt.number >= limit:
        return False
    return attempt.result is Result.FAILED or (attempt.result is Result.TIMEDOUT and node.retry_on_timeout)


def _timed_out(node: TaskNode, attempt: Attempt) -> Attempt:
    deadline_s = attempt.start_s + node.timeout_s
    if node.timeout_s <= 0 or attempt.end_s <= deadline_s or attempt.real:
        return attempt
    return replace(
        attempt,
        running_s=min(attempt.running_s, deadline_s),
        end_s=deadline_s,
        result=Result.TIMEDOUT,
        message=f"Run exceeded its timeout of {node.timeout_s:g} seconds.",
        output=Output(logs=attempt.output.logs),
    )


def _stop_attempt(attempt: Attempt, stop: Stop) -> Attempt:
    start_s = min(attempt.start_s, stop.at_s)
    end_s = attempt.end_s if attempt.real else stop.at_s + (attempt.stop_lag_s if attempt.start_s <= stop.at_s else 0.0)
    return replace(
        attempt,
        start_s=start_s,
        stopping_s=stop.at_s,
        end_s=end_s,
        result=Result.CANCELED,
        message="Run cancelled." if stop.result is Result.CANCELED else "The job run exceeded its timeout.",
        output=Output(logs=attempt.output.logs, logs_truncated=attempt.output.logs_truncated),
    )


def _stopped(tasks: Mapping[str, TaskTimeline], stop: Stop) -> bool:
    return any(
        (task.attempts and task.attempts[-1].stopping_s == stop.at_s)
        or (not task.attempts and task.result is Result.CANCELED)
        for task in tasks.values()
    )


def _run_result(nodes: tuple[TaskNode, ...], tasks: Mapping[str, TaskTimeline]) -> Result:
    ends = leaves(nodes)
    results = {task.result for key, task in tasks.items() if key in ends}
    if results & FAILURES:
        return Result.FAILED
    if results & CANCELS:
        return Result.CANCELED
    if any(task.result in FAILURES | CANCELS for task in tasks.values()):
        return Result.SUCCESS_WITH_FAILURES
    return Result.SUCCESS
