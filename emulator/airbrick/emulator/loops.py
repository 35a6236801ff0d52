"""For-each tasks: one task repeated for each input, a few at a time."""

from __future__ import annotations

import heapq
import json
from collections.abc import Sequence
from typing import Any

from airbrick.emulator.graph import TaskNode
from airbrick.emulator.results import FAILURES, Result
from airbrick.emulator.timeline import NEVER, Attempt, Behaviour, Iteration, Output, TaskTimeline, Turn, task_attempts

MAX_INPUT_BYTES = 48 * 1024
MAX_CONCURRENCY = 100


class InputsError(Exception):
    """What a for-each task should iterate on is no list; the task fails with this text."""


def read_inputs(text: str) -> tuple[Any, ...]:
    """Return the inputs of a for-each task.

    Source: https://docs.databricks.com/aws/en/jobs/for-each

    :param text: a JSON array, after its references were resolved
    :raises InputsError: it is none, or too large
    """
    if len(text.encode()) > MAX_INPUT_BYTES:
        raise InputsError(f"The inputs of a for-each task must be at most {MAX_INPUT_BYTES} bytes.")
    try:
        inputs = json.loads(text)
    except ValueError as error:
        raise InputsError(f"The inputs of a for-each task must be a JSON array; they are no JSON: {error}.") from None
    if not isinstance(inputs, list):
        raise InputsError("The inputs of a for-each task must be a JSON array.")
    return tuple(inputs)


def loop(turn: Turn, nested: TaskNode, inputs: Sequence[Any], concurrency: int, behaviour: Behaviour) -> Attempt:
    """Return an attempt that runs a task for each input.

    :param turn: the attempt at the for-each task, with the stop that holds for it
    :param concurrency: how many iterations run at the same time
    """
    stop_s = turn.stop.at_s if turn.stop else NEVER
    free = [turn.start_s] * max(1, min(concurrency, MAX_CONCURRENCY))
    iterations: list[TaskTimeline] = []
    for index, value in enumerate(inputs):
        ready_s = heapq.heappop(free)
        if ready_s > stop_s or turn.start_s > stop_s:
            life = TaskTimeline(nested.task_key, min(stop_s, turn.start_s), Result.CANCELED)
        elif ready_s == NEVER:
            life = TaskTimeline(nested.task_key, NEVER, Result.SUCCESS)
        else:
            iteration = Iteration(index, value, turn.number)
            life = task_attempts(Turn(nested, 0, ready_s, turn.tasks, turn.stop, iteration), behaviour)
        iterations.append(life)
        # One that is cancelled before it begins makes no room for others.
        heapq.heappush(free, max(ready_s, life.end_s))
    return _whole(turn, tuple(iterations), tuple(inputs))


def _whole(turn: Turn, iterations: tuple[TaskTimeline, ...], inputs: tuple[Any, ...]) -> Attempt:
    stop_s = turn.stop.at_s if turn.stop else NEVER
    start_s = min(turn.start_s, stop_s)
    stopped = turn.start_s > stop_s or any(_stopped(life, stop_s) for life in iterations)
    failed = [life for life in iterations if life.result in FAILURES]
    results = {life.result for life in iterations}
    result = Result.FAILED if failed else Result.CANCELED if Result.CANCELED in results else Result.SUCCESS
    end_s = max((life.end_s for life in iterations), default=start_s)
    error = f"{len(failed)} of {len(inputs)} iterations failed." if failed else None
    return Attempt(
        number=turn.number,
        start_s=start_s,
        running_s=turn.start_s if turn.start_s <= stop_s else NEVER,
        end_s=max(end_s, stop_s) if stopped else end_s,
        result=result,
        message=error or "",
        output=Output(error=error),
        stopping_s=stop_s if stopped else NEVER,
        iterations=iterations,
        inputs=inputs,
        steers=True,
    )


def _stopped(life: TaskTimeline, stop_s: float) -> bool:
    if not life.attempts:
        return life.result is Result.CANCELED
    return life.attempts[-1].stopping_s == stop_s < NEVER
