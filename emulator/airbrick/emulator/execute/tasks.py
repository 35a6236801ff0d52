"""What executing a task means: which code, with which parameters; or why it cannot be executed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import ApiError
from airbrick.emulator.execute.environments import Requirements, requirements_of
from airbrick.emulator.execute.refusal import CannotExecuteError
from airbrick.emulator.execute.sql import SqlProgram, sql_program
from airbrick.emulator.graph import task_kind
from airbrick.emulator.references import Lookup, UnknownReferenceError, resolve
from airbrick.emulator.resolved import turn_of
from airbrick.emulator.run_values import values_of

if TYPE_CHECKING:
    from airbrick.emulator.execute.redaction import Secrets
    from airbrick.emulator.files import FileTree, WorkspaceObject
    from airbrick.emulator.run import Run
    from airbrick.emulator.task_view import TaskRunView
    from airbrick.emulator.timeline import Turn

_MAGIC = re.compile(rb"^# MAGIC (%\w+)", re.MULTILINE)
_HARMLESS_MAGICS = frozenset({b"%md", b"%python"})
_WORKSPACE = "/Workspace"


@dataclass(frozen=True, slots=True)
class Program:
    """Code to run in a process.

    :param source: the notebook or file; None for what an installed package runs
    :param siblings: files below the same folder, which the code may import
    :param parameters: what ``dbutils.widgets.get`` returns
    :param arguments: ``sys.argv`` after the first
    :param task_values: values that other tasks set, by task key
    :param entry: package and entry point of a wheel
    :param requirements: what has to be installed before
    :param secrets: what ``dbutils.secrets`` returns, by scope and key
    """

    source: WorkspaceObject | None
    siblings: tuple[WorkspaceObject, ...]
    parameters: Mapping[str, str]
    arguments: tuple[str, ...]
    task_values: Mapping[str, Mapping[str, Any]]
    entry: tuple[str, str] | None = None
    requirements: Requirements = field(default_factory=Requirements)
    secrets: Secrets = field(default_factory=dict, repr=False)

    @property
    def is_notebook(self) -> bool:
        """Whether the source is a notebook."""
        return self.source is not None and self.source.object_type == "NOTEBOOK"

    @property
    def file_name(self) -> str:
        """The name of the source's file; empty without a source."""
        if self.source is None:
            return ""
        name = self.source.path.rpartition("/")[2]
        return f"{name}.py" if self.is_notebook else name

    @property
    def shown_path(self) -> str:
        """What stack traces and ``sys.argv`` show."""
        if self.source is None:
            return self.entry[0] if self.entry else ""
        return _WORKSPACE + self.source.path

    @property
    def folder(self) -> str:
        """The folder that holds the source, without a slash at the end."""
        return self.source.path.rpartition("/")[0] if self.source is not None else ""


def program_of(view: TaskRunView, files: FileTree, secrets: Secrets) -> Program | SqlProgram:
    """Return the code that an attempt at a task runs.

    :param secrets: what the code may read
    :raises CannotExecuteError: there is no engine for the task, or its source is missing
    """
    task, turn = view.settings, turn_of(view)
    kind = task_kind(task)
    if turn is None:
        raise AssertionError(f"{view.key} has no turn")
    if kind not in KINDS:
        raise CannotExecuteError(
            f"The airbrick emulator has no engine for {kind} and did not run it. It executes "
            f"{', '.join(KINDS)}; give this task a plan to simulate it."
        )
    details = task[kind]
    if details.get("source") == "GIT":
        raise CannotExecuteError(f"The airbrick emulator does not check out Git sources, as this {kind} needs.")
    order = _Order(view.run, details, values_of(view.run, view.round, turn), _task_values(turn))
    try:
        if kind == "sql_task":
            return sql_program(details, order.lookup, files)
        program = _MAKERS[kind](order, files)
        requirements = requirements_of(view.round.version.settings, task, files)
        return replace(program, requirements=requirements, secrets=secrets)
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


def _wheel(order: _Order, _files: FileTree) -> Program:
    details, overriding = order.details, order.run.current.overriding
    named = overriding.get("python_named_params", details.get("named_parameters", {}))
    plain = overriding.get("python_params", details.get("parameters", []))
    given = [f"--{name}={value}" for name, value in named.items()] if named else plain
    return Program(
        None,
        (),
        order.job_parameters,
        tuple(resolve(argument, order.lookup) for argument in given),
        order.task_values,
        entry=(details["package_name"], details["entry_point"]),
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


_MAKERS = {"notebook_task": _notebook, "spark_python_task": _python_file, "python_wheel_task": _wheel}
KINDS = (*_MAKERS, "sql_task")
