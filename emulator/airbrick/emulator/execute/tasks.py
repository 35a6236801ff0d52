"""What executing a task means: which code, with which parameters; or why it cannot be executed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import ApiError
from airbrick.emulator.execute.references import ReferenceValues, UnknownReferenceError

if TYPE_CHECKING:
    from airbrick.emulator.files import FileTree, WorkspaceObject
    from airbrick.emulator.run import Run

_MAGIC = re.compile(rb"^# MAGIC (%\w+)", re.MULTILINE)
_HARMLESS_MAGICS = frozenset({b"%md", b"%python"})
_KINDS = ("notebook_task", "spark_python_task")
_WORKSPACE = "/Workspace"


@dataclass(frozen=True, slots=True)
class Program:
    """Code to run in a process.

    :param source: the notebook or file
    :param siblings: files below the same folder, which the code may import
    :param parameters: what ``dbutils.widgets.get`` returns
    :param arguments: ``sys.argv`` after the first
    :param task_values: values that other tasks set, by task key
    """

    source: WorkspaceObject
    siblings: tuple[WorkspaceObject, ...]
    parameters: Mapping[str, str]
    arguments: tuple[str, ...]
    task_values: Mapping[str, Mapping[str, Any]]

    @property
    def is_notebook(self) -> bool:
        """Whether the source is a notebook."""
        return self.source.object_type == "NOTEBOOK"

    @property
    def shown_path(self) -> str:
        """The path that stack traces show."""
        return _WORKSPACE + self.source.path

    @property
    def folder(self) -> str:
        """The folder that holds the source, without a slash at the end."""
        return self.source.path.rpartition("/")[0]


class CannotExecuteError(Exception):
    """A task that the emulator does not execute; it fails with this text.

    :param code: termination code
    """

    def __init__(self, message: str, code: str = "INVALID_RUN_CONFIGURATION") -> None:
        super().__init__(message)
        self.code = code


def program_of(run: Run, task: Mapping[str, Any], number: int, files: FileTree) -> Program:
    """Return the code that an attempt at a task runs.

    :param task: the task's settings
    :param number: attempt number
    :raises CannotExecuteError: there is no engine for the task, or its source is missing
    """
    kind = next((name for name in task if name.endswith("_task")), "task")
    if kind not in _KINDS:
        raise CannotExecuteError(
            f"The airbrick emulator has no engine for {kind} and did not run it. It executes "
            f"{' and '.join(_KINDS)}; give this task a plan to simulate it."
        )
    details = task[kind]
    if details.get("source") == "GIT":
        raise CannotExecuteError(f"The airbrick emulator does not check out Git sources, as this {kind} needs.")
    values = _reference_values(run, task["task_key"], number)
    try:
        if kind == "notebook_task":
            return _notebook(run, details, values, files)
        return _python_file(run, details, values, files)
    except UnknownReferenceError as error:
        raise CannotExecuteError(f"Task {task['task_key']}: {error}.") from None


def _notebook(run: Run, details: Mapping[str, Any], values: ReferenceValues, files: FileTree) -> Program:
    source = _source(files, details["notebook_path"], "notebook", "NOTEBOOK")
    if source.language != "PYTHON":
        raise CannotExecuteError(f"The airbrick emulator has no engine for {source.language} notebooks.")
    for magic in _MAGIC.findall(source.content):
        if magic not in _HARMLESS_MAGICS:
            raise CannotExecuteError(f"The airbrick emulator does not run {magic.decode()} cells ({source.path}).")
    base = {name: values.resolve(value) for name, value in details.get("base_parameters", {}).items()}
    parameters = {**base, **run.overriding.get("notebook_params", {}), **run.parameters}
    return Program(source, _siblings(files, source), parameters, (), values.task_values)


def _python_file(run: Run, details: Mapping[str, Any], values: ReferenceValues, files: FileTree) -> Program:
    path = details["python_file"]
    if not path.startswith("/"):
        raise CannotExecuteError(
            f"The airbrick emulator executes Python files of the workspace; {path} is elsewhere. "
            "Upload it and use its path, such as /Workspace/Shared/file.py."
        )
    source = _source(files, path, "Python file", "FILE")
    arguments = run.overriding.get("python_params", details.get("parameters", []))
    return Program(
        source,
        _siblings(files, source),
        run.parameters,
        tuple(values.resolve(argument) for argument in arguments),
        values.task_values,
    )


def _source(files: FileTree, path: str, what: str, object_type: str) -> WorkspaceObject:
    try:
        found = files.find(path)
    except ApiError as error:
        raise CannotExecuteError(error.message) from None
    if found is None:
        raise CannotExecuteError(
            f'Unable to access the {what} "{path}". It does not exist in the workspace.', "RESOURCE_NOT_FOUND"
        )
    if found.object_type != object_type:
        raise CannotExecuteError(f'"{path}" is a {found.object_type}, not a {what}.')
    return found


def _siblings(files: FileTree, source: WorkspaceObject) -> tuple[WorkspaceObject, ...]:
    folders = [source.path.rpartition("/")[0] or "/"]
    found: list[WorkspaceObject] = []
    for folder in folders:
        for item in files.children(folder):
            if item.object_type == "DIRECTORY":
                folders.append(item.path)
            elif item.object_type == "FILE" and item is not source:
                found.append(item)
    return tuple(found)


def _reference_values(run: Run, task_key: str, number: int) -> ReferenceValues:
    fixed = {
        "job.id": str(run.job_id),
        "job_id": str(run.job_id),
        "job.name": run.name,
        "job.run_id": str(run.run_id),
        "parent_run_id": str(run.run_id),
        "task.name": task_key,
        "task_key": task_key,
        "task.run_id": str(run.task_ids[task_key, number]),
        "run_id": str(run.task_ids[task_key, number]),
        "task.execution_count": str(number + 1),
        "job.trigger.type": "one_time",
    }
    values: dict[str, Mapping[str, Any]] = {}
    if run.timeline is not None:
        for key, task in run.timeline.tasks.items():
            if task.attempts:
                values[key] = task.attempts[-1].output.task_values
                fixed[f"tasks.{key}.result_state"] = task.result.lower()
                fixed[f"tasks.{key}.run_id"] = str(run.task_ids[key, task.attempts[-1].number])
    return ReferenceValues(fixed, run.parameters, values, run.created_s)
