"""What dynamic value references stand for in a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airbrick.emulator.references import Lookup, moment_part, resolve
from airbrick.emulator.results import Result
from airbrick.emulator.run import Round, Run
from airbrick.emulator.run_state import attempt_state
from airbrick.emulator.timeline import TaskRunKey

if TYPE_CHECKING:
    from airbrick.emulator.timeline import TaskTimeline, Turn


def values_of(run: Run, current: Round, turn: Turn) -> Lookup:
    """Return what references stand for when an attempt starts."""
    return _Values(run, current, turn)


class _Values:
    def __init__(self, run: Run, current: Round, turn: Turn) -> None:
        self._run = run
        self._round = current
        self._turn = turn

    def __call__(self, parts: tuple[str, ...]) -> object:  # noqa: PLR0911 - one case for each namespace
        match parts:
            case ("job", *rest):
                return self._job(rest)
            case ("task", name):
                return self._task()[name]()
            case ("tasks", key, *rest):
                return self._other_task(self._ended(key), key, rest)
            case ("workspace", "id"):
                return self._run.around.workspace_id
            case ("workspace", "url"):
                return self._run.around.host
            case ("input", *path):
                return self._input(path)
            case (name,):
                return self._old_name(name)
        raise KeyError(parts)

    def _job(self, rest: list[str]) -> object:  # noqa: PLR0911 - one case for each reference
        run = self._run
        match rest:
            case ["id"]:
                return run.job_id
            case ["run_id"]:
                return run.run_id
            case ["name"]:
                return self._round.version.name
            case ["repair_count"]:
                return run.rounds.index(self._round)
            case ["trigger", "type"]:
                return run.trigger.lower()
            case ["trigger", "time", form] | ["start_time", form]:
                return moment_part(run.created_s, form)
            case ["parameters", *name]:
                return self._parameter(".".join(name))
        raise KeyError(rest)

    def _parameter(self, name: str) -> str:
        text = self._round.parameters[name]
        return resolve(text, self._in_parameter)

    def _in_parameter(self, parts: tuple[str, ...]) -> object:
        if parts[:2] == ("job", "parameters"):
            raise KeyError(parts)
        return self(parts)

    def _task(self) -> Mapping[str, Any]:
        turn = self._turn
        return {
            "name": lambda: turn.node.task_key,
            "run_id": lambda: self._run.task_run_id(turn.key),
            "execution_count": lambda: turn.number + 1,
            "notebook_path": lambda: turn.node.details["notebook_path"],
        }

    def _ended(self, key: str) -> TaskTimeline:
        life = self._turn.tasks[key]
        if life.end_s > self._turn.start_s:
            raise KeyError(key)
        return life

    def _other_task(self, life: TaskTimeline, key: str, rest: list[str]) -> object:
        last = life.attempts[-1] if life.attempts else None
        match rest:
            case ["values", *name] if last is not None:
                return last.output.task_values[".".join(name)]
            case ["result_state"]:
                return "success" if life.result is Result.SUCCESS else life.result.lower()
            case ["run_id"]:
                return self._run.task_run_id(TaskRunKey(key, life.numbers[-1]))
            case ["execution_count"]:
                return life.first + len(life.attempts)
            case ["error_code"] if last is not None:
                return attempt_state(last, life.end_s, life.end_s).v2()["termination_details"]["code"]
            case ["notebook_path"]:
                node = next(node for node in self._round.version.nodes if node.task_key == key)
                return node.details["notebook_path"]
        raise KeyError(rest)

    def _input(self, path: list[str]) -> object:
        if self._turn.iteration is None:
            raise KeyError("input")
        value = self._turn.iteration.value
        for name in path:
            if not isinstance(value, Mapping):
                raise KeyError(name)
            value = value[name]
        return value

    def _old_name(self, name: str) -> object:
        names = {
            "job_id": ("job", "id"),
            "parent_run_id": ("job", "run_id"),
            "task_key": ("task", "name"),
            "run_id": ("task", "run_id"),
            "start_date": ("job", "start_time", "iso_date"),
            "start_time": ("job", "start_time", "timestamp_ms"),
        }
        if name == "task_retry_count":
            return self._turn.number
        return self(names[name])
