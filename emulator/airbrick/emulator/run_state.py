"""The state of runs at a moment, in both vocabularies of the Jobs API: v1 ``state`` and v2 ``status``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from airbrick.emulator.results import Result
from airbrick.emulator.timeline import NEVER, Attempt, Output, RunTimeline, TaskTimeline


class Phase(StrEnum):
    """Where a run is in its life: v1 ``life_cycle_state`` without INTERNAL_ERROR."""

    QUEUED = "QUEUED"
    BLOCKED = "BLOCKED"
    WAITING_FOR_RETRY = "WAITING_FOR_RETRY"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    TERMINATING = "TERMINATING"
    TERMINATED = "TERMINATED"
    SKIPPED = "SKIPPED"


TERMINAL = frozenset({Phase.TERMINATED, Phase.SKIPPED})
# A phase never follows one with a higher rank.
RANK = {
    Phase.QUEUED: 0,
    Phase.BLOCKED: 0,
    Phase.WAITING_FOR_RETRY: 0,
    Phase.PENDING: 1,
    Phase.RUNNING: 2,
    Phase.TERMINATING: 3,
    Phase.TERMINATED: 4,
    Phase.SKIPPED: 4,
}
_V2_STATE = {Phase.WAITING_FOR_RETRY: "WAITING", Phase.SKIPPED: "TERMINATED"}
# result -> (termination code, termination type)
_TERMINATION = {
    Result.SUCCESS: ("SUCCESS", "SUCCESS"),
    Result.SUCCESS_WITH_FAILURES: ("SUCCESS_WITH_FAILURES", "SUCCESS"),
    Result.FAILED: ("RUN_EXECUTION_ERROR", "CLIENT_ERROR"),
    Result.TIMEDOUT: ("CANCELED", "CLIENT_ERROR"),
    Result.CANCELED: ("USER_CANCELED", "CLIENT_ERROR"),
    Result.UPSTREAM_FAILED: ("SKIPPED", "CLIENT_ERROR"),
    Result.UPSTREAM_CANCELED: ("SKIPPED", "CLIENT_ERROR"),
    Result.EXCLUDED: ("SKIPPED", "SUCCESS"),
    Result.DISABLED: ("DISABLED", "SUCCESS"),
    Result.MAXIMUM_CONCURRENT_RUNS_REACHED: ("MAX_CONCURRENT_RUNS_EXCEEDED", "CLIENT_ERROR"),
}
_VERDICT_MESSAGE = {
    Result.UPSTREAM_FAILED: "Skipped because an upstream task failed.",
    Result.UPSTREAM_CANCELED: "Skipped because an upstream task was cancelled.",
    Result.EXCLUDED: "Skipped because its run_if condition or branch was not met.",
    Result.DISABLED: "Skipped because the run was limited to other tasks.",
    Result.CANCELED: "Run cancelled.",
}
QUEUE_MESSAGE = "Queued due to reaching maximum concurrent runs of the job."


@dataclass(frozen=True, slots=True)
class State:
    """A state at a moment.

    :param result: only when the phase is terminal
    :param message: text for people
    :param code: ``termination_details.code`` in place of the usual one
    :param type: ``termination_details.type`` in place of the usual one
    :param internal_error: v1 says INTERNAL_ERROR in place of TERMINATED
    """

    phase: Phase
    result: Result | None = None
    message: str = ""
    code: str | None = None
    type: str | None = None
    internal_error: bool = False

    def v1(self) -> dict[str, Any]:
        """Return the ``state`` object."""
        state: dict[str, Any] = {
            "life_cycle_state": "INTERNAL_ERROR" if self.internal_error else str(self.phase),
            "state_message": self.message,
            "user_cancelled_or_timedout": self.result in (Result.CANCELED, Result.TIMEDOUT),
        }
        if self.result is not None:
            state["result_state"] = str(self.result)
        if self.phase is Phase.QUEUED:
            state["queue_reason"] = QUEUE_MESSAGE
        return state

    def v2(self) -> dict[str, Any]:
        """Return the ``status`` object."""
        status: dict[str, Any] = {"state": _V2_STATE.get(self.phase, str(self.phase))}
        if self.phase is Phase.QUEUED:
            status["queue_details"] = {"code": "MAX_CONCURRENT_RUNS_REACHED", "message": QUEUE_MESSAGE}
        if self.result is not None:
            code, kind = _TERMINATION[self.result]
            status["termination_details"] = {
                "code": self.code or code,
                "type": self.type or kind,
                "message": self.message,
            }
        return status


QUEUED_STATE = State(Phase.QUEUED)
_BLOCKED = State(Phase.BLOCKED)
_WAITING = State(Phase.WAITING_FOR_RETRY)
_PENDING = State(Phase.PENDING, message="Waiting for cluster")
_RUNNING = State(Phase.RUNNING, message="In run")
_TERMINATING = State(Phase.TERMINATING, message="Cancelling.")


def unqueued_state() -> State:
    """Return the state of a run that was cancelled in the queue."""
    return State(Phase.TERMINATED, Result.CANCELED, "Run cancelled while it was queued.")


def skipped_state(code: str, message: str) -> State:
    """Return the state of a run that never started because too many others were there."""
    return State(Phase.SKIPPED, Result.MAXIMUM_CONCURRENT_RUNS_REACHED, message, code)


def attempt_state(attempt: Attempt, blocked_until_s: float, now_s: float, *, retried: bool = False) -> State:
    """Return the state of an attempt.

    :param blocked_until_s: when the attempt could first be known: the run's start, or the end of the attempt before
    :param retried: it follows a failed attempt
    """
    if now_s >= attempt.end_s:
        output = attempt.output
        return State(
            Phase.TERMINATED, attempt.result, attempt.message, output.termination_code, output.termination_type
        )
    if now_s >= attempt.stopping_s:
        return _TERMINATING
    if now_s >= attempt.running_s:
        return _RUNNING
    if now_s >= attempt.start_s:
        return _PENDING
    return _WAITING if retried and now_s >= blocked_until_s else _BLOCKED


def verdict_state(task: TaskTimeline, now_s: float) -> State:
    """Return the state of a task that has no attempt."""
    if now_s >= task.end_s:
        return State(Phase.TERMINATED, task.result, _VERDICT_MESSAGE.get(task.result, ""))
    return _BLOCKED


def run_state(timeline: RunTimeline, now_s: float) -> State:
    """Return the state of a run that was admitted."""
    if now_s >= timeline.end_s:
        return _ended(timeline)
    if now_s >= timeline.stopping_s:
        return _TERMINATING
    if now_s >= timeline.running_s:
        return _RUNNING
    return _PENDING


def _ended(timeline: RunTimeline) -> State:
    if timeline.result is Result.FAILED and timeline.stopping_s == NEVER:
        failed = timeline.failed_tasks
        first = min(failed, key=lambda task: task.end_s) if failed else None
        output = first.attempts[-1].output if first else Output()
        text = f"Task {first.task_key} failed with message: {first.attempts[-1].message}" if first else ""
        if any(task.result is Result.UPSTREAM_FAILED for task in timeline.tasks.values()):
            text += " This caused all downstream tasks to get skipped."
        return State(
            Phase.TERMINATED,
            timeline.result,
            text,
            output.termination_code,
            output.termination_type,
            internal_error=True,
        )
    if timeline.result is Result.TIMEDOUT:
        return State(Phase.TERMINATED, timeline.result, "The job run exceeded its timeout.")
    if timeline.result is Result.CANCELED:
        return State(Phase.TERMINATED, timeline.result, "Run cancelled.")
    return State(Phase.TERMINATED, timeline.result, _success_message(timeline))


def _success_message(timeline: RunTimeline) -> str:
    simulated = [task for task in timeline.tasks.values() if task.attempts and not task.attempts[-1].real]
    return SIMULATED if simulated else ""


SIMULATED = "Simulated by the airbrick emulator: no code was run."
