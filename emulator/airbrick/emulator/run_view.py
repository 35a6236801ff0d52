"""Runs as the API shows them at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from airbrick.emulator.paging import PAGE_SIZE, page_token
from airbrick.emulator.resolved import resolved_values
from airbrick.emulator.run_state import TERMINAL, State, run_state
from airbrick.emulator.task_view import ZERO_DURATIONS, TaskRunView, milliseconds, run_page_url, shown_numbers
from airbrick.emulator.timeline import TaskRunKey

if TYPE_CHECKING:
    from airbrick.emulator.run import Round, Run

_OF_THE_TASK = ("run_id", "run_page_url", "state", "status", "attempt_number")
_OF_THE_JOB = ("git_source", "description")
_TIMES = ("start_time", "end_time", "run_duration", "setup_duration", "execution_duration")


class RunView:
    """Shows runs of one workspace at one moment.

    :param now_s: the moment
    :param resolved: show the values that references stand for
    """

    def __init__(self, now_s: float, *, resolved: bool = False) -> None:
        self._now_s = now_s
        self._resolved = resolved

    def summary(self, run: Run) -> dict[str, Any]:
        """Return a run without its lists, as runs/list shows it."""
        state, current, around = run.state(self._now_s), run.current, run.around
        ended = state.phase in TERMINAL
        end_s = run.end_s if ended else self._now_s
        admitted_s = run.admitted_s if run.admitted_s is not None and run.admitted_s <= self._now_s else end_s
        created, settings = milliseconds(run.created_s), current.version.settings
        shown: dict[str, Any] = {
            "job_id": run.job_id,
            "run_id": run.run_id,
            "job_run_id": run.run_id,
            "number_in_job": run.run_id,
            "original_attempt_run_id": run.run_id,
            "creator_user_name": run.creator,
            "run_name": settings["name"],
            "run_page_url": run_page_url(around.host, around.workspace_id, run.job_id, run.run_id),
            "run_type": run.run_type,
            "trigger": run.trigger,
            "format": "MULTI_TASK",
            "start_time": created,
            **ZERO_DURATIONS,
            "queue_duration": milliseconds(admitted_s) - created,
            "state": state.v1(),
            "status": state.v2(),
            "job_parameters": _job_parameters(current),
        }
        if ended:
            shown["end_time"] = milliseconds(end_s)
            shown["run_duration"] = shown["end_time"] - created
        if current.overriding:
            shown["overriding_parameters"] = dict(current.overriding)
        if run.parent is not None:
            shown["trigger_info"] = {"run_id": run.parent[0].task_run_id(run.parent[1])}
        for name in _OF_THE_JOB:
            if name in settings:
                shown[name] = settings[name]
        return shown

    def page(self, run: Run, start: int, *, history: bool = False) -> dict[str, Any]:
        """Return a run with one page of each of its lists, as runs/get shows it.

        :param start: position in each list at which the page starts
        :param history: show the repairs
        """
        shown = self.summary(run)
        lists: dict[str, list[Any]] = {
            "tasks": list(self.task_views(run)),
            "job_parameters": shown["job_parameters"],
            "job_clusters": list(run.version.settings.get("job_clusters", ())),
        }
        if history:
            lists["repair_history"] = list(self.repair_history(run))
        end = start + PAGE_SIZE
        for name, items in lists.items():
            shown[name] = items[start:end]
        shown["tasks"] = [self._task(view) for view in shown["tasks"]]
        if any(len(items) > end for items in lists.values()):
            shown["next_page_token"] = page_token(end)
        return shown

    def task_page(self, view: TaskRunView, start: int) -> dict[str, Any]:
        """Return a task's run with one page of its iterations, as runs/get shows it.

        :param start: position in the iterations at which the page starts
        """
        task = self._task(view)
        shown = self.summary(view.run)
        for name in _OF_THE_TASK:
            shown[name] = task[name]
        for name in _TIMES:
            shown.pop(name, None)
            if name in task:
                shown[name] = task[name]
        shown |= {"run_name": task["task_key"], "original_attempt_run_id": task["run_id"], "tasks": [task]}
        iterations = list(view.iterations())
        end = start + PAGE_SIZE
        if iterations:
            shown["iterations"] = [self._task(iteration) for iteration in iterations[start:end]]
        if len(iterations) > end:
            shown["next_page_token"] = page_token(end)
        return shown

    def expanded(self, run: Run) -> dict[str, Any]:
        """Return a run with the first page of its lists, as runs/list shows it with ``expand_tasks``."""
        shown = self.page(run, 0)
        shown["has_more"] = shown.pop("next_page_token", None) is not None
        return shown

    def task_views(self, run: Run) -> Iterator[TaskRunView]:
        """Yield the runs of all tasks, in the order of the job's settings, each attempt by itself."""
        keys = dict.fromkeys(key for turn in run.rounds for key in turn.version.tasks)
        waits = run.timeline is None
        for key in keys:
            if waits:
                yield TaskRunView(run, TaskRunKey(key, 0), run.current, None, self._now_s)
                continue
            for current, life in run.lives(key):
                for number in shown_numbers(life, self._now_s):
                    yield TaskRunView(run, TaskRunKey(key, number), current, life, self._now_s)

    def task_view(self, run: Run, key: TaskRunKey) -> TaskRunView:
        """Return one attempt at a task."""
        if key.iteration < 0:
            found = run.life(key.task_key, key.number)
            current, life = found or (run.current, None)
            return TaskRunView(run, key, current, life, self._now_s)
        for view in self.task_views(run):
            for attempt_view in view.all_iterations():
                if attempt_view.key == key:
                    return attempt_view
        raise KeyError(key)

    def repair_history(self, run: Run) -> Iterator[dict[str, Any]]:
        """Yield the run as it was first made, and its repairs."""
        for turn in run.rounds:
            state, start_s, end_s = self._round_state(run, turn)
            item: dict[str, Any] = {
                "type": "ORIGINAL" if turn.repair_id is None else "REPAIR",
                "start_time": milliseconds(start_s),
                "state": state.v1(),
                "status": state.v2(),
                "task_run_ids": self._task_run_ids(run, turn),
            }
            if turn.repair_id is not None:
                item["id"] = turn.repair_id
            if state.phase in TERMINAL:
                item["end_time"] = milliseconds(end_s)
            yield item

    def _round_state(self, run: Run, turn: Round) -> tuple[State, float, float]:
        start_s = run.created_s if turn.repair_id is None or turn.start_s is None else turn.start_s
        if turn is run.current or turn.timeline is None:
            return run.state(self._now_s), start_s, run.end_s
        return run_state(turn.timeline, self._now_s), start_s, turn.timeline.end_s

    def _task_run_ids(self, run: Run, turn: Round) -> list[int]:
        timeline = run.timeline if turn is run.current else turn.timeline
        if timeline is None:
            return [run.task_run_id(TaskRunKey(key, 0)) for key in turn.version.tasks]
        return [
            run.task_run_id(TaskRunKey(key, number))
            for key, life in timeline.tasks.items()
            for number in ([life.numbers[-1]] if key in turn.kept else shown_numbers(life, self._now_s))
        ]

    def _task(self, view: TaskRunView) -> dict[str, Any]:
        shown = view.shown()
        if self._resolved and (values := resolved_values(view)) is not None:
            shown["resolved_values"] = values
        return shown


def _job_parameters(current: Round) -> list[dict[str, str]]:
    defaults, shown = current.version.defaults, []
    for name, value in current.parameters.items():
        shown.append({"name": name, "value": value})
        if name in defaults:
            shown[-1]["default"] = defaults[name]
    return shown
