"""Runs as the API shows them at a moment."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from airbrick.emulator.paging import PAGE_SIZE, page_token
from airbrick.emulator.run_state import TERMINAL, Phase, State, attempt_state, verdict_state
from airbrick.emulator.timeline import NEVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airbrick.emulator.run import Run
    from airbrick.emulator.timeline import Attempt, TaskTimeline

# Fields of a task's settings that its runs do not show.
_HIDDEN = frozenset({"task_key", "health"})
_ZERO_DURATIONS = {"setup_duration": 0, "execution_duration": 0, "cleanup_duration": 0}


def run_page_url(host: str, workspace_id: str, job_id: int, run_id: int) -> str:
    """Return the address of a run's page."""
    return f"{host}/jobs/{job_id}/runs/{run_id}?o={workspace_id}"


class RunView:
    """Shows runs of one workspace at one moment.

    :param host: address of the server
    :param now_s: the moment
    """

    def __init__(self, host: str, workspace_id: str, now_s: float) -> None:
        self._host = host
        self._workspace_id = workspace_id
        self._now_s = now_s

    def summary(self, run: Run) -> dict[str, Any]:
        """Return a run without its lists, as runs/list shows it."""
        state = run.state(self._now_s)
        ended = state.phase in TERMINAL
        end_s = run.end_s if ended else self._now_s
        admitted_s = run.admitted_s if run.admitted_s is not None and run.admitted_s <= self._now_s else end_s
        shown: dict[str, Any] = {
            "job_id": run.job_id,
            "run_id": run.run_id,
            "job_run_id": run.run_id,
            "number_in_job": run.run_id,
            "original_attempt_run_id": run.run_id,
            "creator_user_name": run.creator,
            "run_name": run.name,
            "run_page_url": run_page_url(self._host, self._workspace_id, run.job_id, run.run_id),
            "run_type": "JOB_RUN",
            "trigger": "ONE_TIME",
            "format": "MULTI_TASK",
            "start_time": _ms(run.created_s),
            **_ZERO_DURATIONS,
            "queue_duration": _ms(admitted_s) - _ms(run.created_s),
            "state": state.v1(),
            "status": state.v2(),
            "job_parameters": self._job_parameters(run),
        }
        if ended:
            shown["end_time"] = _ms(end_s)
            shown["run_duration"] = _ms(end_s) - _ms(run.created_s)
        if run.overriding:
            shown["overriding_parameters"] = dict(run.overriding)
        return shown

    def page(self, run: Run, start: int) -> dict[str, Any]:
        """Return a run with one page of each of its lists, as runs/get shows it.

        :param start: position in each list at which the page starts
        """
        shown = self.summary(run)
        tasks = list(self.task_runs(run))
        lists: dict[str, list[Any]] = {
            "tasks": tasks,
            "job_parameters": shown["job_parameters"],
            "job_clusters": list(run.version.settings.get("job_clusters", ())),
        }
        end = start + PAGE_SIZE
        for name, items in lists.items():
            shown[name] = items[start:end]
        if any(len(items) > end for items in lists.values()):
            shown["next_page_token"] = page_token(end)
        return shown

    def expanded(self, run: Run) -> dict[str, Any]:
        """Return a run with the first page of its lists, as runs/list shows it with ``expand_tasks``."""
        shown = self.page(run, 0)
        shown["has_more"] = shown.pop("next_page_token", None) is not None
        return shown

    def task_runs(self, run: Run) -> Iterator[dict[str, Any]]:
        """Yield the runs of all tasks, in the order of the job's settings, each attempt by itself."""
        settings = {task["task_key"]: task for task in run.version.settings.get("tasks", ())}
        for task_key, task in settings.items():
            timeline = run.timeline.tasks[task_key] if run.timeline is not None else None
            for number in range(self._shown_attempts(timeline)):
                yield self._task_run(run, task, timeline, number)

    def task_run(self, run: Run, task_key: str, number: int) -> dict[str, Any]:
        """Return one attempt at a task."""
        task = next(item for item in run.version.settings["tasks"] if item["task_key"] == task_key)
        timeline = run.timeline.tasks[task_key] if run.timeline is not None else None
        return self._task_run(run, task, timeline, number)

    def task_state(self, run: Run, task_key: str, number: int) -> State:
        """Return the state of one attempt at a task."""
        return self._state(run, run.timeline.tasks[task_key] if run.timeline is not None else None, number)

    def _shown_attempts(self, timeline: TaskTimeline | None) -> int:
        if timeline is None or not timeline.attempts:
            return 1
        return sum(1 for before in timeline.attempts[:-1] if before.end_s <= self._now_s) + 1

    def _state(self, run: Run, timeline: TaskTimeline | None, number: int) -> State:
        if timeline is None:
            state = run.state(self._now_s)
            return State(Phase.BLOCKED) if state.phase is Phase.QUEUED else state
        if not timeline.attempts:
            return verdict_state(timeline, self._now_s)
        blocked_until_s = timeline.attempts[number - 1].end_s if number else -math.inf
        return attempt_state(timeline.attempts[number], blocked_until_s, self._now_s)

    def _task_run(self, run: Run, task: dict[str, Any], timeline: TaskTimeline | None, number: int) -> dict[str, Any]:
        state = self._state(run, timeline, number)
        attempt = timeline.attempts[number] if timeline is not None and timeline.attempts else None
        run_id = run.task_ids[task["task_key"], number]
        shown: dict[str, Any] = {
            "run_id": run_id,
            "task_key": task["task_key"],
            **{name: value for name, value in task.items() if name not in _HIDDEN},
            "attempt_number": number,
            "run_page_url": run_page_url(self._host, self._workspace_id, run.job_id, run_id),
            "state": state.v1(),
            "status": state.v2(),
            **self._times(run, timeline, attempt),
        }
        return shown

    def _times(self, run: Run, timeline: TaskTimeline | None, attempt: Attempt | None) -> dict[str, int]:
        if attempt is None:
            end_s = timeline.end_s if timeline is not None else run.end_s
            over = {"start_time": _ms(end_s), "end_time": _ms(end_s), **_ZERO_DURATIONS}
            return over if end_s <= self._now_s else {"start_time": 0, **_ZERO_DURATIONS}
        if self._now_s < attempt.start_s:
            return {"start_time": 0, **_ZERO_DURATIONS}
        last_s = min(attempt.end_s, self._now_s)
        running_s = min(attempt.running_s, last_s)
        times = {
            "start_time": _ms(attempt.start_s),
            "setup_duration": _ms(running_s) - _ms(attempt.start_s),
            "execution_duration": _ms(last_s) - _ms(running_s),
            "cleanup_duration": 0,
        }
        if attempt.end_s <= self._now_s:
            times["end_time"] = _ms(attempt.end_s)
            times["run_duration"] = _ms(attempt.end_s) - _ms(attempt.start_s)
        return times

    @staticmethod
    def _job_parameters(run: Run) -> list[dict[str, str]]:
        defaults = {item["name"]: item.get("default", "") for item in run.version.settings.get("parameters", ())}
        return [
            {"name": name, "value": value, **({"default": defaults[name]} if name in defaults else {})}
            for name, value in run.parameters.items()
        ]


def _ms(moment_s: float) -> int:
    return 0 if moment_s == NEVER else int(moment_s * 1000)
