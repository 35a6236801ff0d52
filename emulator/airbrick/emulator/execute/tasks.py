"""What executing a task means: which code, with which parameters; or why it cannot be executed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import ApiError
from airbrick.emulator.graph import task_kind
from airbrick.emulator.references import Lookup, UnknownReferenceError, resolve
from airbrick.emulator.resolved import turn_of
from airbrick.emulator.run_values import values_of

if TYPE_CHECKING:
    from airbrick.emulator.files import FileTree, WorkspaceObject
    from airbrick.emulator.run import Run
    from airbrick.emulator.task_view import TaskRunView
    from airbrick.emulator.timeline import Turn

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


def program_of(view: TaskRunView, files: FileTree) -> Program:
    """Return the code that an attempt at a task runs.

    :raises CannotExecuteError: there is no engine for the task, or its source is missing
    """
    task, turn = view.settings, turn_of(view)
    kind = task_kind(task)
    if turn is None:
        raise AssertionError(f"{view.key} has no turn")
    if kind not in _KINDS:
        raise CannotExecuteError(
            f"The airbrick emulator has no engine for {kind} and did not run it. It executes "
            f"{' and '.join(_KINDS)}; give this task a plan to simulate it."
        )
    details = task[kind]
    if details.get("source") == "GIT":
        raise CannotExecuteError(f"The airbrick emulator does not check out Git sources, as this {kind} needs.")
    order = _Order(view.run, details, values_of(view.run, view.round, turn), _task_values(turn))
    try:
        return _notebook(order, files) if kind == "notebook_task" else _python_file(order, files)
    except UnknownReferenceError as error:
        raise CannotExecuteError(f"Task {view.key.task_key}: {error}.") from None


@dataclass(frozen=True, slots=True)
class _Order:
    run: Run
    details: Mapping[str, Any]
    lookup: Lookup
    task_values: Mapping[str, Mapping[str, Any]]

    @property
    def job_parameters(self) -> dict[str, str]:
        return {name: resolve(f"{{{{job.parameters.`{name}`}}}}", self.lookup) for name in self.run.parameters}


def _task_values(turn: Turn) -> dict[str, Mapping[str, Any]]:
    return {key: life.attempts[-1].output.task_values for key, life in turn.tasks.items() if life.attempts}


def _notebook(order: _Order, files: FileTree) -> Program:
    source = _source(files, order.details["notebook_path"], "notebook", "NOTEBOOK")
    if source.language != "PYTHON":
        raise CannotExecuteError(f"The airbrick emulator has no engine for {source.language} notebooks.")
    for magic in _MAGIC.findall(source.content):
        if magic not in _HARMLESS_MAGICS:
            raise CannotExecuteError(f"The airbrick emulator does not run {magic.decode()} cells ({source.path}).")
    base = {name: resolve(value, order.lookup) for name, value in order.details.get("base_parameters", {}).items()}
    parameters = {**base, **order.run.current.overriding.get("notebook_params", {}), **order.job_parameters}
    return Program(source, _siblings(files, source), parameters, (), order.task_values)


def _python_file(order: _Order, files: FileTree) -> Program:
    path = order.details["python_file"]
    if not path.startswith("/"):
        raise CannotExecuteError(
            f"The airbrick emulator executes Python files of the workspace; {path} is elsewhere. "
            "Upload it and use its path, such as /Workspace/Shared/file.py."
        )
    source = _source(files, path, "Python file", "FILE")
    arguments = order.run.current.overriding.get("python_params", order.details.get("parameters", []))
    return Program(
        source,
        _siblings(files, source),
        order.job_parameters,
        tuple(resolve(argument, order.lookup) for argument in arguments),
        order.task_values,
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
