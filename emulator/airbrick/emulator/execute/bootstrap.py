"""Runs inside a task's process: sets limits, provides ``dbutils``, runs the user's code, writes what became of it.

It is started by path with ``python -I`` and imports the standard library alone.
"""

from __future__ import annotations

import base64
import builtins
import importlib.metadata
import importlib.util
import json
import linecache
import os
import resource
import signal
import sys
import threading
import traceback
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

RESULT_LIMIT_BYTES = 5 * 1024 * 1024
_ERROR_LIMIT_CHARS = 10_000


class NotebookExit(BaseException):
    """Raised by ``dbutils.notebook.exit``."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


class InputWidgetNotDefined(Exception):  # noqa: N818 - the name that users see on Databricks
    """A widget was read that no parameter and no default defines."""


class Refused(RuntimeError):  # noqa: N818 - shown to users as it stands
    """The emulator has no engine for what the code asks."""


class Unavailable:
    """Stands for something that only a real workspace has; any use of it fails by name.

    :param name: what the user's code calls it
    :param advice: what to do
    """

    def __init__(self, name: str, advice: str) -> None:
        self.__dict__["_name"] = name
        self.__dict__["_advice"] = advice

    def __getattr__(self, attribute: str) -> NoReturn:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        raise Refused(f"the airbrick emulator has no {self._name} (asked for .{attribute}); {self._advice}")

    def __call__(self, *_args: object, **_named: object) -> NoReturn:
        """Fail by name."""
        raise Refused(f"the airbrick emulator has no {self._name}; {self._advice}")


class Widgets:
    """``dbutils.widgets``.

    :param values: parameters of the run
    """

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values
        self._defaults: dict[str, str] = {}

    def get(self, name: str) -> str:
        """Return a parameter, or the default of a widget that the code defined."""
        if name in self._values:
            return self._values[name]
        if name in self._defaults:
            return self._defaults[name]
        raise InputWidgetNotDefined(f"No input widget named {name} is defined")

    def getAll(self) -> dict[str, str]:  # noqa: N802 - Databricks' name
        """Return all parameters."""
        return {**self._defaults, **self._values}

    def text(self, name: str, defaultValue: str, label: str | None = None) -> None:  # noqa: N803 - Databricks' name
        """Define a widget with a default."""
        del label
        self._defaults[name] = defaultValue

    def dropdown(self, name: str, defaultValue: str, choices: list[str], label: str | None = None) -> None:  # noqa: N803 - Databricks' name
        """Define a widget with a default."""
        del choices, label
        self._defaults[name] = defaultValue

    combobox = multiselect = dropdown

    def remove(self, name: str) -> None:
        """Remove a widget."""
        self._defaults.pop(name, None)

    def removeAll(self) -> None:  # noqa: N802 - Databricks' name
        """Remove all widgets."""
        self._defaults.clear()


class Notebook:
    """``dbutils.notebook``."""

    def exit(self, value: object) -> NoReturn:
        """End the notebook with a result."""
        raise NotebookExit(str(value))

    def run(self, *_args: object, **_named: object) -> NoReturn:
        """Refuse to run another notebook."""
        raise Refused("the airbrick emulator does not run notebooks from notebooks; make it a task of the job")


class TaskValues:
    """``dbutils.jobs.taskValues``.

    :param upstream: values of other tasks, by task key
    """

    def __init__(self, upstream: dict[str, dict[str, Any]]) -> None:
        self._upstream = upstream
        self.own: dict[str, Any] = {}

    def set(self, key: str, value: object) -> None:
        """Give a value to later tasks; it must be JSON."""
        json.dumps(value)
        self.own[key] = value

    def get(self, taskKey: str, key: str, default: object = None, debugValue: object = None) -> object:  # noqa: N803 - Databricks' names
        """Return a value that an earlier task set."""
        del debugValue
        if key in self._upstream.get(taskKey, {}):
            return self._upstream[taskKey][key]
        if default is not None:
            return default
        raise ValueError(f"No task value with key {key!r} was set by task {taskKey!r}")


class SecretMetadata:
    """A secret without its value."""

    def __init__(self, key: str) -> None:
        self.key = key


class Secrets:
    """``dbutils.secrets``.

    :param values: base64 text by scope and key
    """

    def __init__(self, values: dict[str, dict[str, str]]) -> None:
        self._values = values
        self.read: set[tuple[str, str]] = set()

    def get(self, scope: str, key: str) -> str:
        """Return a secret as text."""
        return self.getBytes(scope, key).decode("utf-8")

    def getBytes(self, scope: str, key: str) -> bytes:  # noqa: N802 - Databricks' name
        """Return a secret as bytes."""
        if key not in self._values.get(scope, {}):
            raise ValueError(f"Secret does not exist with scope: {scope} and key: {key}")
        self.read.add((scope, key))
        return base64.b64decode(self._values[scope][key])

    def list(self, scope: str) -> list[SecretMetadata]:
        """Return the keys of a scope."""
        if scope not in self._values:
            raise ValueError(f"Scope {scope} does not exist!")
        return [SecretMetadata(key) for key in self._values[scope]]

    def listScopes(self) -> builtins.list[str]:  # noqa: N802 - Databricks' name
        """Return the names of all scopes."""
        return sorted(self._values)


class Jobs:
    """``dbutils.jobs``."""

    def __init__(self, values: TaskValues) -> None:
        self.taskValues = values


class Dbutils:
    """``dbutils``, as far as it goes without a cluster."""

    def __init__(
        self,
        parameters: dict[str, str],
        upstream: dict[str, dict[str, Any]],
        secrets: dict[str, dict[str, str]] | None = None,
    ) -> None:
        self.widgets = Widgets(parameters)
        self.notebook = Notebook()
        self.jobs = Jobs(TaskValues(upstream))
        self.secrets = Secrets(secrets or {})
        self.fs = Unavailable("dbutils.fs", "use Python's own file functions below the folder in AIRBRICK_DATA")
        self.library = Unavailable("dbutils.library", "install the package beside airbrick")


def main(spec_path: str) -> int:
    """Run what a specification says and return the exit code."""
    spec = json.loads(Path(spec_path).read_text(encoding="utf-8"))
    pid = os.getpid()
    secrets = _read_secrets()
    _end_with_parent()
    _limit(spec["limits"])
    dbutils = Dbutils(spec["parameters"], spec["task_values"], secrets)
    _provide_runtime(dbutils)
    outcome = _run(spec, dbutils)
    outcome["task_values"] = dbutils.jobs.taskValues.own
    outcome["secrets_read"] = sorted(dbutils.secrets.read)
    if os.getpid() == pid:
        result = Path(spec["result_path"])
        partial = result.with_suffix(".part")
        partial.write_text(json.dumps(outcome), encoding="utf-8")
        partial.replace(result)
    return 0 if outcome["error"] is None else 1


def _run(spec: dict[str, Any], dbutils: Dbutils) -> dict[str, Any]:
    outcome: dict[str, Any] = {"result": None, "truncated": False, "error": None, "error_trace": None}
    try:
        _execute(spec, dbutils)
    except NotebookExit as exit_:
        data = exit_.value.encode("utf-8", "replace")
        outcome["result"] = data[:RESULT_LIMIT_BYTES].decode("utf-8", "ignore")
        outcome["truncated"] = len(data) > RESULT_LIMIT_BYTES
    except SystemExit as exit_:
        if exit_.code not in (None, 0):
            outcome |= _failure(exit_)
    except BaseException as error:  # noqa: BLE001 - whatever the user's code raises is the task's error
        outcome |= _failure(error)
    return outcome


def _execute(spec: dict[str, Any], dbutils: Dbutils) -> None:
    sys.argv = [spec["shown_path"], *spec["arguments"]]
    if spec.get("entry"):
        _entry_point(*spec["entry"])()
        return
    source = Path(spec["source_path"]).read_bytes()
    shown = spec["shown_path"]
    text = source.decode("utf-8", "replace")
    linecache.cache[shown] = (len(text), None, text.splitlines(keepends=True), shown)
    main_module = types.ModuleType("__main__")
    sys.modules["__main__"] = main_module
    sys.path.insert(0, str(Path.cwd()))
    if spec["is_notebook"]:
        no_spark = Unavailable("Spark engine", "give the task a plan to simulate it, or use plain Python")
        main_module.__dict__.update(dbutils=dbutils, display=print, spark=no_spark, sc=no_spark)
    else:
        main_module.__dict__["__file__"] = spec["source_path"]
    exec(compile(source, shown, "exec"), main_module.__dict__)  # noqa: S102 - running the user's code is the purpose


def _entry_point(package: str, name: str) -> Callable[[], object]:
    try:
        found = list(importlib.metadata.distribution(package).entry_points.select(name=name))
    except importlib.metadata.PackageNotFoundError:
        raise ImportError(f"The package {package!r} is not installed; add it to the task's libraries.") from None
    if found:
        loaded: Callable[[], object] = found[0].load()
        return loaded
    module = importlib.import_module(package.replace("-", "_"))
    if not hasattr(module, name):
        raise ImportError(f"The package {package!r} has no entry point {name!r} and no function of this name.")
    function: Callable[[], object] = getattr(module, name)
    return function


def _read_secrets() -> dict[str, dict[str, str]]:
    """Read secrets from standard input, where no other process and no file shows them."""
    data = b""
    wanted = int(os.read(0, 16) or b"0", 16)
    while len(data) < wanted:
        chunk = os.read(0, wanted - len(data))
        if not chunk:
            break
        data += chunk
    secrets: dict[str, dict[str, str]] = json.loads(data or b"{}")
    return secrets


def _failure(error: BaseException) -> dict[str, str]:
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    text = "".join(traceback.format_exception(type(error), error, trace))
    return {"error": f"{type(error).__name__}: {error}"[:_ERROR_LIMIT_CHARS], "error_trace": text[-RESULT_LIMIT_BYTES:]}


def _provide_runtime(dbutils: Dbutils) -> None:
    runtime = types.ModuleType("databricks.sdk.runtime")
    runtime.__dict__["dbutils"] = dbutils
    for name in ("databricks", "databricks.sdk"):
        if importlib.util.find_spec(name) is None:
            sys.modules[name] = types.ModuleType(name)
            sys.modules[name].__dict__["__path__"] = []
    sys.modules["databricks.sdk.runtime"] = runtime


def _limit(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        number = getattr(resource, name, None)
        if number is not None:
            _, hard = resource.getrlimit(number)
            ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (ceiling, ceiling))


def _end_with_parent() -> None:
    # Standard input is a pipe that closes when the emulator dies, however it dies.
    pipe = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def _watch() -> None:
        os.read(pipe, 1)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=_watch, name="airbrick-watch", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
