"""What a task needs beside Python: packages and wheels, installed in a virtual environment of their own."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import ApiError
from airbrick.emulator.execute.refusal import CannotExecuteError

if TYPE_CHECKING:
    from airbrick.emulator.files import FileTree

_WHEEL = ".whl"
_READY = "airbrick-ready"
_ADVICE = "It installs packages of an index, and wheels and requirements files of the workspace."


@dataclass(frozen=True, slots=True)
class Requirements:
    """What is installed.

    :param packages: requirements as pip takes them
    :param wheels: file name and content of wheels
    """

    packages: tuple[str, ...] = ()
    wheels: tuple[tuple[str, bytes], ...] = ()

    @property
    def digest(self) -> str:
        """What tells it from other requirements."""
        found = hashlib.sha256(f"{sys.version}\n{self.packages}".encode())
        for name, content in self.wheels:
            found.update(f"\n{name}\n".encode() + hashlib.sha256(content).digest())
        return found.hexdigest()[:16]


def requirements_of(job: Mapping[str, Any], task: Mapping[str, Any], files: FileTree) -> Requirements:
    """Return what a task's environment and libraries ask for.

    :param job: the job's settings
    :raises CannotExecuteError: something is asked for that cannot be installed here
    """
    packages: list[str] = []
    wheels: list[tuple[str, bytes]] = []
    for text in (*_dependencies(job, task), *_libraries(task)):
        if text.startswith("-r "):
            content = _read(files, text.removeprefix("-r ").strip()).decode("utf-8", "replace")
            lines = (line.partition(" #")[0].strip() for line in content.splitlines())
            packages += [_checked(line) for line in lines if line and not line.startswith("#")]
        elif text.endswith(_WHEEL) and "://" not in text:
            wheels.append((text.rpartition("/")[2], _read(files, text)))
        else:
            packages.append(_checked(text))
    return Requirements(tuple(packages), tuple(wheels))


class EnvironmentFolder:
    """The virtual environments that were made, by what is in them.

    :param root: where they are kept
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def python(self, requirements: Requirements) -> Path | None:
        """Return the interpreter of an environment, or None while it is not made."""
        place = self._root / requirements.digest
        return place / "bin" / "python" if (place / _READY).exists() else None

    def stages(self, requirements: Requirements, folder: Path) -> list[list[str]]:
        """Return the commands that make an environment in a folder; :meth:`keep` keeps it then."""
        made, wheels = folder / "env", folder / "wheels"
        wheels.mkdir()
        for name, content in requirements.wheels:
            (wheels / name).write_bytes(content)
        wanted = [*(str(wheels / name) for name, _ in requirements.wheels), *requirements.packages]
        uv, python = os.environ.get("UV") or shutil.which("uv"), str(made / "bin" / "python")
        if uv is None:
            install = [python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", *wanted]
            return [[sys.executable, "-m", "venv", str(made)], install]
        return [
            [uv, "venv", "--quiet", "--python", sys.executable, str(made)],
            [uv, "pip", "install", "--quiet", "--python", python, *wanted],
        ]

    def keep(self, requirements: Requirements, folder: Path) -> Path:
        """Keep an environment that was made in a folder and return its interpreter."""
        made, place = folder / "env", self._root / requirements.digest
        (made / _READY).touch()
        self._root.mkdir(exist_ok=True)
        try:
            made.rename(place)
        except OSError:
            # Another task was quicker to make the same.
            return made / "bin" / "python"
        return place / "bin" / "python"


def _dependencies(job: Mapping[str, Any], task: Mapping[str, Any]) -> list[str]:
    key = task.get("environment_key")
    if key is None:
        return []
    environments = job.get("environments", ())
    found = next((item for item in environments if item["environment_key"] == key), None)
    if found is None:
        raise CannotExecuteError(f"The job has no environment {key!r}.")
    dependencies: list[str] = found.get("spec", {}).get("dependencies", [])
    return dependencies


def _libraries(task: Mapping[str, Any]) -> list[str]:
    wanted: list[str] = []
    for library in task.get("libraries", ()):
        match library:
            case {"whl": path}:
                wanted.append(path)
            case {"requirements": path}:
                wanted.append(f"-r {path}")
            case {"pypi": {"package": package, **rest}} if "repo" not in rest:
                wanted.append(package)
            case _:
                kind = next(iter(library), "library")
                raise CannotExecuteError(f"The airbrick emulator cannot install {kind} libraries: {library}. {_ADVICE}")
    return wanted


def _checked(package: str) -> str:
    if package.startswith(("-", "/", ".")) or "://" in package:
        raise CannotExecuteError(f"The airbrick emulator cannot install {package!r}. {_ADVICE}")
    return package


def _read(files: FileTree, path: str) -> bytes:
    try:
        found = files.find(path)
    except ApiError as error:
        raise CannotExecuteError(error.message) from None
    if found is None or found.object_type != "FILE":
        raise CannotExecuteError(f'"{path}" is no file of the workspace.', "LIBRARY_INSTALLATION_ERROR")
    return found.content
