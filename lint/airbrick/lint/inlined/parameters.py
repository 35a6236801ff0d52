"""Values that are decided when a task runs, as parameters of its job.

A job's settings are fixed; what changes from run to run comes in as a job parameter, which the settings refer to by
``{{job.parameters.<name>}}``.

Source: https://docs.databricks.com/aws/en/jobs/dynamic-value-references
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from airbrick.lint.inlined.plain import Json, Open, opens_in
from airbrick.lint.inlined.refusal import RefusedError
from airbrick.lint.model.secrets import tells_of_secret

_BY_KEY: Final = (
    ("notebook_task", "base_parameters"),
    ("python_wheel_task", "named_parameters"),
    ("sql_task", "parameters"),
    ("run_job_task", "job_parameters"),
)
_IN_ORDER: Final = (
    ("spark_python_task", "parameters"),
    ("python_wheel_task", "parameters"),
    ("spark_jar_task", "parameters"),
    ("spark_submit_task", "parameters"),
    ("dbt_task", "commands"),
)
_SINGLE: Final = (("condition_task", "left"), ("condition_task", "right"), ("for_each_task", "inputs"))
_FIX: Final = "write the value itself, or provision the job by hand"
_FIX_KEY: Final = "write the value in the task's call, so that it can be passed as a job parameter"


@dataclass(slots=True)
class Parameters:
    """The parameters of a job, as they are found.

    :param passed: by name, the code of the value in the DAG.
    """

    passed: dict[str, str] = field(default_factory=dict)
    _pushed: dict[str, list[Json]] = field(default_factory=dict)
    """By key, what tasks give it: Databricks pushes a job parameter down over all of them."""
    _taken: set[str] = field(default_factory=set)
    """Names of parameters that the job has already."""

    def move(self, settings: Mapping[str, Json]) -> Json:
        """Give the settings of a job with references in place of what is not known.

        :raises RefusedError: a value is not known where no parameter can stand, or its code is out of reach.
        """
        for task in _tasks(settings):
            for kind, key in _BY_KEY:
                given = (task.get(kind) or {}).get(key) if isinstance(task.get(kind), Mapping) else None
                for name, value in given.items() if isinstance(given, Mapping) else ():
                    self._pushed.setdefault(name, []).append(value)
        declared = settings.get("parameters")
        self._taken = {one["name"] for one in declared or () if isinstance(one, Mapping) and "name" in one}
        tasks = settings.get("tasks")
        moved = {**settings, "tasks": [self._task(task) for task in tasks]} if isinstance(tasks, list) else settings
        for left in opens_in(moved):
            raise left.refuse(_FIX)
        if not self.passed:
            return moved
        added = [{"name": name, "default": ""} for name in self.passed]
        return {**moved, "parameters": [*(declared or []), *added]}

    def _task(self, task: Json) -> Json:
        if not isinstance(task, Mapping):
            return task
        moved, key = dict(task), task.get("task_key")
        owner = key if isinstance(key, str) else "task"
        for kind, name in _BY_KEY:
            self._replace(moved, kind, name, partial(self._by_key, owner=owner))
        for kind, name in _IN_ORDER:
            self._replace(moved, kind, name, partial(self._in_order, owner=owner))
        for kind, name in _SINGLE:
            self._replace(moved, kind, name, partial(self._reference, wanted=name, owner=owner))
        inner = moved.get("for_each_task")
        if isinstance(inner, Mapping) and "task" in inner:
            moved["for_each_task"] = {**inner, "task": self._task(inner["task"])}
        return moved

    @staticmethod
    def _replace(task: dict[str, Json], kind: str, name: str, change: Callable[[Json], Json]) -> None:
        body = task.get(kind)
        if isinstance(body, Mapping) and body.get(name) is not None:
            task[kind] = {**body, name: change(body[name])}

    def _by_key(self, given: Json, owner: str) -> Json:
        if not isinstance(given, Mapping):
            return given
        return {key: self._reference(value, key, owner) for key, value in given.items()}

    def _in_order(self, given: Json, owner: str) -> Json:
        if not isinstance(given, list):
            return given
        moved = []
        for index, value in enumerate(given):
            before = given[index - 1] if index else None
            option = before.lstrip("-") if isinstance(before, str) and before.startswith("-") else ""
            moved.append(self._reference(value, option or f"{owner}_{index + 1}", owner))
        return moved

    def _reference(self, value: Json, wanted: str, owner: str) -> Json:
        if not isinstance(value, Open):
            return value
        if tells_of_secret(wanted):
            shown = "what a job parameter is given is shown with its runs; read it from a secret scope in the code"
            raise RefusedError(f"{value.path} is a secret by its name", help=shown, place=value.place)
        if value.code is None:
            raise value.refuse(_FIX_KEY)
        name = next(name for name in _candidates(wanted, owner) if self._is_free(name, value.code))
        self.passed[name] = value.code
        return f"{{{{job.parameters.{name}}}}}"

    def _is_free(self, name: str, code: str) -> bool:
        """Tell whether a name is not taken by another value, nor overrides a key that tasks give another."""
        others = self._pushed.get(name, [])
        alike = all(isinstance(other, Open) and other.code == code for other in others)
        return name not in self._taken and self.passed.get(name, code) == code and alike


def _tasks(settings: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    tasks = settings.get("tasks")
    for task in tasks if isinstance(tasks, list) else ():
        if isinstance(task, Mapping):
            yield task
            inner = task.get("for_each_task")
            if isinstance(inner, Mapping) and isinstance(inner.get("task"), Mapping):
                yield inner["task"]


def _candidates(wanted: str, owner: str) -> Iterator[str]:
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", wanted).strip("_") or "value"
    yield plain
    own = re.sub(r"[^A-Za-z0-9_.-]+", "_", f"{owner}_{plain}")
    yield own
    number = 2
    while True:
        yield f"{own}_{number}"
        number += 1
