"""Runs of tasks as the API shows them at a moment."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airbrick.emulator.results import Result
from airbrick.emulator.run_state import TERMINAL, Phase, State, attempt_state, verdict_state
from airbrick.emulator.timeline import NEVER, TaskRunKey

if TYPE_CHECKING:
    from airbrick.emulator.run import Round, Run
    from airbrick.emulator.timeline import Attempt, TaskTimeline

# Fields of a task's settings that its runs do not show.
_HIDDEN = frozenset({"task_key", "health"})
ZERO_DURATIONS = {"setup_duration": 0, "execution_duration": 0, "cleanup_duration": 0}


def milliseconds(moment_s: float) -> int:
    """Return a moment as the API shows it; 0 for one that is unknown."""
    return 0 if moment_s == NEVER else int(moment_s * 1000)


def run_page_url(host: str, workspace_id: str, job_id: int, run_id: int) -> str:
    """Return the address of a run's page."""
    return f"{host}/jobs/{job_id}/runs/{run_id}?o={workspace_id}"


@dataclass(frozen=True, slots=True)
class TaskRunView:
    """One attempt at a task, at one moment.

    :param run: the run
    :param key: which attempt
    :param round: the round of the run that holds it
    :param life: all attempts of that round; None before the run starts
    :param now_s: the moment
    :param value: the input of an iteration of a for-each task
    """

    run: Run
    key: TaskRunKey
    round: Round
    life: TaskTimeline | None
    now_s: float
    value: Any = None

    @property
    def attempt(self) -> Attempt | None:
        """The attempt; None for a task that never starts, or did not yet."""
        return self.life.attempt(self.key.number) if self.life is not None else None

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the task."""
        return self.round.version.task(self.key)

    def state(self) -> State:
        """Return the attempt's state."""
        life = self.life
        if life is None:
            state = self.run.state(self.now_s)
            return State(Phase.BLOCKED) if state.phase is Phase.QUEUED else state
        attempt = self.attempt
        if attempt is None:
            return verdict_state(life, self.now_s)
        before = life.attempt(attempt.number - 1) if attempt.number > life.first else None
        return attempt_state(attempt, before.end_s if before else -math.inf, self.now_s, retried=before is not None)

    def shown(self) -> dict[str, Any]:
        """Return the attempt as runs/get shows it."""
        run, state, around = self.run, self.state(), self.run.around
        run_id = run.task_run_id(self.key)
        shown: dict[str, Any] = {
            "run_id": run_id,
            "task_key": self.key.task_key,
            **{name: value for name, value in self.settings.items() if name not in _HIDDEN},
            "attempt_number": self.key.number,
            "run_page_url": run_page_url(around.host, around.workspace_id, run.job_id, run_id),
            "state": state.v1(),
            "status": state.v2(),
            **self._times(),
        }
        attempt = self.attempt
        if attempt is not None and attempt.outcome is not None and state.phase in TERMINAL:
            shown["condition_task"] = {**shown.get("condition_task", {}), "outcome": attempt.outcome}
        if attempt is not None and attempt.iterations:
            shown["for_each_task"] = {**shown.get("for_each_task", {}), "stats": self._stats(attempt)}
        return shown

    def iterations(self) -> Iterator[TaskRunView]:
        """Yield the iterations of a for-each task that have begun, in the order of their inputs."""
        return (view for view in self.all_iterations() if view.begun())

    def all_iterations(self) -> Iterator[TaskRunView]:
        """Yield the iterations of a for-each task, in the order of their inputs."""
        attempt = self.attempt
        if attempt is None:
            return
        for index, life in enumerate(attempt.iterations):
            for number in shown_numbers(life, self.now_s):
                key = TaskRunKey(life.task_key, number, index, attempt.number)
                yield TaskRunView(self.run, key, self.round, life, self.now_s, attempt.inputs[index])

    def begun(self) -> bool:
        """Tell whether the attempt has started, or is over without a start."""
        attempt = self.attempt
        start_s = attempt.start_s if attempt else self.life.end_s if self.life else NEVER
        return start_s <= self.now_s

    def _times(self) -> dict[str, int]:
        attempt, now_s = self.attempt, self.now_s
        if attempt is None:
            end_s = self.life.end_s if self.life is not None else self.run.end_s
            over = {"start_time": milliseconds(end_s), "end_time": milliseconds(end_s), **ZERO_DURATIONS}
            return over if end_s <= now_s else {"start_time": 0, **ZERO_DURATIONS}
        if now_s < attempt.start_s:
            return {"start_time": 0, **ZERO_DURATIONS}
        last_s = min(attempt.end_s, now_s)
        running_s = min(attempt.running_s, last_s)
        times = {
            "start_time": milliseconds(attempt.start_s),
            "setup_duration": milliseconds(running_s) - milliseconds(attempt.start_s),
            "execution_duration": milliseconds(last_s) - milliseconds(running_s),
            "cleanup_duration": 0,
        }
        if attempt.end_s <= now_s:
            times["end_time"] = milliseconds(attempt.end_s)
            times["run_duration"] = milliseconds(attempt.end_s) - milliseconds(attempt.start_s)
        return times

    def _stats(self, attempt: Attempt) -> dict[str, Any]:
        now_s = self.now_s
        over = [life for life in attempt.iterations if life.end_s <= now_s]
        begun = [life for life in attempt.iterations if life.attempts and life.attempts[0].start_s <= now_s]
        good = sum(life.result is Result.SUCCESS for life in over)
        errors = Counter(
            (life.attempts[-1].output.error or life.attempts[-1].message, str(life.result))
            for life in over
            if life.attempts and life.result in (Result.FAILED, Result.TIMEDOUT)
        )
        stats: dict[str, Any] = {
            "task_run_stats": {
                "total_iterations": len(attempt.iterations),
                "scheduled_iterations": len(begun),
                "active_iterations": sum(life.end_s > now_s for life in begun),
                "completed_iterations": len(over),
                "succeeded_iterations": good,
                "failed_iterations": len(over) - good,
            }
        }
        if errors:
            stats["error_message_stats"] = [
                {"error_message": message, "termination_category": result, "count": count}
                for (message, result), count in errors.most_common()
            ]
        return stats


def shown_numbers(life: TaskTimeline, now_s: float) -> range:
    """Return the numbers of the attempts that are known: all that ended and the one after them."""
    if not life.attempts:
        return life.numbers
    ended = sum(1 for before in life.attempts[:-1] if before.end_s <= now_s)
    return range(life.first, life.first + ended + 1)
