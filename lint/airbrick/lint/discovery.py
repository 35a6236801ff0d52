"""Which files are linted."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from airbrick.lint.errors import PathError
from airbrick.lint.ignore_files import (
    AIRFLOW,
    GIT,
    GLOB,
    REGEXP,
    Globs,
    Patterns,
    ignored,
    patterns_above,
    patterns_of,
)
from airbrick.lint.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

SKIPPED_FOLDERS: Final = frozenset(
    {".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", "__pycache__", "node_modules", ".mypy_cache"}
    | {".ruff_cache", ".pytest_cache", ".eggs", "site-packages", ".ipynb_checkpoints", ".airbrick_cache"}
)
"""Names of folders that hold no code of the project's own."""


def discover(
    paths: Sequence[Path], settings_for: "Callable[[Path], Settings]", *, force_exclude: bool = False
) -> Iterator[Path]:
    """Give the files to lint, each once, in a stable order.

    Files that are named are linted whatever they are called. Folders are searched for ``*.py``, past
    what ``exclude``, ``.gitignore`` and ``.airflowignore`` leave out.

    :param settings_for: gives the settings for a folder.
    :param force_exclude: whether ``exclude`` also holds for files that are named.
    :raises PathError: a path does not exist.
    """
    seen: set[tuple[int, int]] = set()
    excluder = _Excluder(settings_for)
    for path in paths:
        if path.is_dir():
            for found in _walk(path, excluder):
                if _first_time(found, seen):
                    yield found
        elif path.exists():
            if not (force_exclude and excluder.excludes(path, is_folder=False)) and _first_time(path, seen):
                yield path
        else:
            raise PathError(path, reason="no such file or folder")


def _first_time(path: Path, seen: set[tuple[int, int]]) -> bool:
    try:
        status = path.stat()
    except OSError:
        return True
    key = (status.st_dev, status.st_ino)
    if key in seen:
        return False
    seen.add(key)
    return True


class _Excluder:
    """The ``exclude`` patterns of the configuration."""

    def __init__(self, settings_for: "Callable[[Path], Settings]") -> None:
        self.settings_for = settings_for
        self._specs: dict[tuple[Path, tuple[str, ...]], Globs] = {}

    def excludes(self, path: Path, *, is_folder: bool) -> bool:
        """Tell whether the configuration leaves a path out, by itself or by a folder it lies in."""
        settings = self.settings_for(path.parent)
        if not settings.exclude:
            return False
        key = (settings.root, settings.exclude)
        if key not in self._specs:
            self._specs[key] = Globs.of(settings.root, settings.exclude)
        return self._specs[key].verdict(str(path.absolute()), is_folder=is_folder) is True


def _walk(root: Path, excluder: _Excluder) -> Iterator[Path]:
    visited: set[tuple[int, int]] = set()
    syntax = _syntax(excluder.settings_for(root))
    above = tuple(patterns_above(root, syntax=syntax))
    top = str(root.absolute())
    if any(patterns.verdict(top, is_folder=True) for patterns in above):
        # Who names an ignored folder wants it linted.
        above = ()
    stack: list[tuple[Path, str, tuple[Patterns, ...]]] = [(root, top, above)]
    while stack:
        folder, absolute, patterns = stack.pop()
        try:
            status = folder.stat()
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        # Symbolic links may lead round in circles.
        if (status.st_dev, status.st_ino) in visited:
            continue
        visited.add((status.st_dev, status.st_ino))
        if any(entry.name in {GIT, AIRFLOW} for entry in entries):
            patterns += tuple(patterns_of(folder, patterns, syntax=syntax))
        folders: list[tuple[Path, str, tuple[Patterns, ...]]] = []
        for entry in entries:
            is_python = entry.name.endswith(".py")
            if not is_python and (entry.name in SKIPPED_FOLDERS or not _is_folder(entry)):
                continue
            is_folder = not is_python or _is_folder(entry)
            path, inner = folder / entry.name, f"{absolute.rstrip(os.sep)}{os.sep}{entry.name}"
            if ignored(inner, patterns, is_folder=is_folder) or excluder.excludes(path, is_folder=is_folder):
                continue
            if is_folder:
                folders.append((path, inner, patterns))
            else:
                yield path
        stack.extend(reversed(folders))


def _syntax(settings: Settings) -> str:
    """Give the syntax of ``.airflowignore``: what is configured, else the default of the targeted Airflow."""
    return settings.dag_ignore_file_syntax or (GLOB if settings.target_airflow >= (3, 0) else REGEXP)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
