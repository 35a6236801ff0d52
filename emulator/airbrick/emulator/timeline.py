"""The life of a run as a value: when each task starts and ends, and how.

A timeline is a pure function of the job's graph, the behaviour of each attempt, and the moment at which the
run is stopped, if it is. The state at any moment is read from it; nothing ticks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from airbrick.emulator.graph import TaskNode, leaves
from airbrick.emulator.results import CANCELS, FAILURES, Result, verdict

NEVER = math.inf
MAX_ATTEMPTS = 100
_BAD = FAILURES | CANCELS


class TaskRunKey(NamedTuple):
    """An attempt at a task of a run.

    :param number: attempt number from 0
    :param iteration: position in a for-each task's inputs; -1 outside of one
    :param loop: number of the attempt at the for-each task
    """

    task_key: str
    number: int
    iteration: int = -1
    loop: int = 0


@dataclass(frozen=True, slots=True)
class Output:
    """What an attempt left behind.

    :param notebook_result: value given to ``dbutils.notebook.exit``
    :param termination_code: in place of the usual ``termination_details.code``
    :param termination_type: in place of the usual ``termination_details.type``
    :param task_values: values for later tasks
    :param more: further fields of runs/get-output
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
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a task; moments in seconds, :data:`NEVER` while unknown.

    :param start_s: when it is PENDING from
    :param running_s: when it is RUNNING from
    :param stopping_s: when it is TERMINATING from, if it was stopped
    :param end_s: when it is over
    :param outcome: ``true`` or ``false`` for a condition task
    :param real: code is executed; its end is recorded when it comes
    :param stepped: simulated, and goes on when somebody says so; its end is recorded when it comes
    :param iterations: what a for-each task repeats, in the order of its inputs
    :param inputs: what each of the iterations gets
    :param child_id: the run that a run-job task made
    :param steers: ends when what it steers ends: iterations, or a run of another job
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
    stepped: bool = False
    iterations: tuple[TaskTimeline, ...] = ()
    inputs: tuple[Any, ...] = ()
    child_id: int | None = None
    steers: bool = False


@dataclass(frozen=True, slots=True)
class TaskTimeline:
    """The attempts at a task, or the verdict that it never starts.

    :param end_s: when the task is over for good
    :param result: how, once ``end_s`` is reached
    :param first: number of the first attempt; above 0 after a repair
    """

    task_key: str
    end_s: float
    result: Result
    attempts: tuple[Attempt, ...] = ()
    first: int = 0

    @property
    def numbers(self) -> range:
        """The numbers of the attempts; a task that never starts has one too."""
        return range(self.first, self.first + max(1, len(self.attempts)))

    def attempt(self, number: int) -> Attempt | None:
        """Return an attempt by its number; None for a task that never starts."""
        return self.attempts[number - self.first] if self.attempts else None

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


@dataclass(frozen=True, slots=True)
class Iteration:
    """One pass of a for-each task.

    :param index: from 0
    :param value: the input, any JSON value
    :param loop: number of the attempt at the for-each task
    """

    index: int
    value: Any
    loop: int


@dataclass(frozen=True, slots=True)
class Turn:
    """An attempt that is about to start.

    :param tasks: the life of the tasks before it
    :param stop: when what it steers is stopped
    :param iteration: within a for-each task
    """

    node: TaskNode
    number: int
    start_s: float
    tasks: Mapping[str, TaskTimeline]
    stop: Stop | None = None
    iteration: Iteration | None = None

    @property
    def key(self) -> TaskRunKey:
        """Which attempt it is."""
        if self.iteration is None:
            return TaskRunKey(self.node.task_key, self.number)
        return TaskRunKey(self.node.task_key, self.number, self.iteration.index, self.iteration.loop)


Behaviour = Callable[[Turn], Attempt]


def run_timeline(
    nodes: Sequence[TaskNode],
    behaviour: Behaviour,
    *,
    start_s: float,
    stop: Stop | None = None,
    only: frozenset[str] | None = None,
    kept: Mapping[str, TaskTimeline] | None = None,
    firsts: Mapping[str, int] | None = None,
) -> RunTimeline:
    """Return the life of a run, or of its repair.

    :param nodes: the job's tasks, upstream first
    :param behaviour: what an attempt does when its turn comes
    :param stop: a cancel or the job's timeout; without effect when the run is over before
    :param only: the tasks to run; the others are DISABLED
    :param kept: the life of tasks that a repair does not run again
    :param firsts: the numbers with which attempts begin; 0 unless given
    """
    kept, firsts = kept or {}, firsts or {}
    tasks: dict[str, TaskTimeline] = {}
    for node in nodes:
        key = node.task_key
        if key in kept:
            tasks[key] = kept[key]
        elif only is not None and key not in only:
            tasks[key] = TaskTimeline(key, start_s, Result.DISABLED, (), firsts.get(key, 0))
        else:
            tasks[key] = _task_timeline(Turn(node, firsts.get(key, 0), start_s, tasks, stop), behaviour)
    fresh = [task for key, task in tasks.items() if key not in kept]
    natural_end_s = max((task.end_s for task in fresh), default=start_s)
    stopped = stop if stop is not None and _stopped(fresh, stop) else None
    running_s = min((a.running_s for t in fresh for a in t.attempts), default=NEVER)
    if stopped:
        return RunTimeline(start_s, running_s, stopped.at_s, max(natural_end_s, stopped.at_s), stopped.result, tasks)
    return RunTimeline(start_s, running_s, NEVER, natural_end_s, _run_result(tuple(nodes), tasks), tasks)


def _task_timeline(turn: Turn, behaviour: Behaviour) -> TaskTimeline:
    node, tasks, key = turn.node, turn.tasks, turn.node.task_key
    upstream = [tasks[dependency.task_key] for dependency in node.depends_on]
    ready_s = max((turn.start_s, *(task.end_s for task in upstream)))
    stop_s = turn.stop.at_s if turn.stop else NEVER
    if ready_s > stop_s:
        return TaskTimeline(key, stop_s, Result.CANCELED, (), turn.number)
    if ready_s == NEVER:
        return TaskTimeline(key, NEVER, Result.SUCCESS, (), turn.number)
    result = verdict(node.run_if, [task.result for task in upstream])
    if result is None and not _outcomes_met(node, tasks):
        result = Result.EXCLUDED
    if result is not None:
        return TaskTimeline(key, ready_s, result, (), turn.number)
    return task_attempts(Turn(node, turn.number, ready_s, tasks, turn.stop), behaviour)


def _outcomes_met(node: TaskNode, tasks: Mapping[str, TaskTimeline]) -> bool:
    return all(
        dependency.outcome is None or tasks[dependency.task_key].outcome in (None, dependency.outcome)
        for dependency in node.depends_on
    )


def task_attempts(turn: Turn, behaviour: Behaviour) -> TaskTimeline:
    """Return the attempts at a task that starts.

    :param turn: the first attempt, with the run's stop
    """
    node, stop, first = turn.node, turn.stop, turn.number
    attempts: list[Attempt] = []
    start_s = turn.start_s
    while True:
        own = _sooner(stop, node, start_s)
        number = first + len(attempts)
        attempt = behaviour(Turn(node, number, start_s, turn.tasks, own, turn.iteration))
        if attempt.steers:
            halted = own is not None and own is stop and attempt.stopping_s == own.at_s
            if attempt.stopping_s != NEVER and own is not None:
                attempt = _halt(attempt, node, own, by_run=own is stop)
        else:
            attempt = _timed_out(node, attempt)
            halted = stop is not None and attempt.end_s > stop.at_s
            if stop is not None and halted:
                attempt = _stop_attempt(attempt, stop)
        attempts.append(attempt)
        if halted or attempt.end_s == NEVER or not _retried(node, attempt, number - first):
            break
        start_s = attempt.end_s + node.retry_interval_s
        if stop is not None and start_s > stop.at_s:
            attempts.append(_never_begun(number + 1, max(stop.at_s, attempt.end_s), stop))
            break
    return TaskTimeline(node.task_key, attempts[-1].end_s, attempts[-1].result, tuple(attempts), first)


def _sooner(stop: Stop | None, node: TaskNode, start_s: float) -> Stop | None:
    if node.timeout_s <= 0:
        return stop
    deadline_s = start_s + node.timeout_s
    return stop if stop is not None and stop.at_s <= deadline_s else Stop(deadline_s, Result.TIMEDOUT)


def _retried(node: TaskNode, attempt: Attempt, before: int) -> bool:
    limit = MAX_ATTEMPTS - 1 if node.max_retries < 0 else min(node.max_retries, MAX_ATTEMPTS - 1)
    if before >= limit:
        return False
    return attempt.result is Result.FAILED or (attempt.result is Result.TIMEDOUT and node.retry_on_timeout)


def _halt(attempt: Attempt, node: TaskNode, stop: Stop, *, by_run: bool) -> Attempt:
    if by_run:
        return replace(attempt, result=Result.CANCELED, message=_stop_message(stop))
    return replace(attempt, result=Result.TIMEDOUT, message=_timeout_message(node))


def _timeout_message(node: TaskNode) -> str:
    return f"Run exceeded its timeout of {node.timeout_s:g} seconds."


def _stop_message(stop: Stop) -> str:
    return "Run cancelled." if stop.result is Result.CANCELED else "The job run exceeded its timeout."


def _timed_out(node: TaskNode, attempt: Attempt) -> Attempt:
    deadline_s = attempt.start_s + node.timeout_s
    if node.timeout_s <= 0 or attempt.end_s <= deadline_s or attempt.real:
        return attempt
    return replace(
        attempt,
        running_s=min(attempt.running_s, deadline_s),
        end_s=deadline_s,
        result=Result.TIMEDOUT,
        message=_timeout_message(node),
        output=Output(logs=attempt.output.logs),
    )


def _stop_attempt(attempt: Attempt, stop: Stop) -> Attempt:
    return replace(
        attempt,
        stopping_s=stop.at_s,
        end_s=_stopped_end_s(attempt, stop),
        result=Result.CANCELED,
        message=_stop_message(stop),
        output=Output(logs=attempt.output.logs, logs_truncated=attempt.output.logs_truncated),
    )


def _never_begun(number: int, at_s: float, stop: Stop) -> Attempt:
    """Give the attempt that was waited for when the run was stopped, or when the attempt before it was ending."""
    return Attempt(number, at_s, NEVER, at_s, Result.CANCELED, _stop_message(stop), stopping_s=stop.at_s)


def _stopped_end_s(attempt: Attempt, stop: Stop) -> float:
    return attempt.end_s if attempt.real or attempt.stepped else stop.at_s + attempt.stop_lag_s


def _stopped(tasks: Sequence[TaskTimeline], stop: Stop) -> bool:
    return any(
        (task.attempts and task.attempts[-1].stopping_s == stop.at_s)
        or (not task.attempts and task.result is Result.CANCELED)
        for task in tasks
    )


def _run_result(nodes: tuple[TaskNode, ...], tasks: Mapping[str, TaskTimeline]) -> Result:
    ends = leaves(nodes)
    results = {task.result for key, task in tasks.items() if key in ends}
    if results & FAILURES:
        return Result.FAILED
    if results & CANCELS:
        return Result.CANCELED
    if any(task.result in _BAD for task in tasks.values()):
        return Result.SUCCESS_WITH_FAILURES
    return Result.SUCCESS
