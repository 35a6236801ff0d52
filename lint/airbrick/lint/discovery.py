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


_Identity = tuple[int, int]
"""Device and inode of a file: what it is, whatever it is called."""


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
    seen: set[_Identity] = set()
    excluder = _Excluder(settings_for)
    for path in paths:
        if path.is_dir():
            yield from (Path(found) for found, identity in _walk(path, excluder) if _first_time(identity, seen))
        elif path.exists():
            if not (force_exclude and excluder.excludes(path, is_folder=False)):
                status = path.stat()
                if _first_time((status.st_dev, status.st_ino), seen):
                    yield path
        else:
            raise PathError(path, reason="no such file or folder")


def _first_time(identity: _Identity | None, seen: set[_Identity]) -> bool:
    if identity is None:
        return True
    known = len(seen)
    seen.add(identity)
    return len(seen) > known


class _Excluder:
    """The ``exclude`` patterns of the configuration."""

    def __init__(self, settings_for: "Callable[[Path], Settings]") -> None:
        self.settings_for = settings_for
        self._specs: dict[tuple[Path, tuple[str, ...]], Globs] = {}

    def excludes(self, path: Path, *, is_folder: bool) -> bool:
        """Tell whether the configuration leaves a path out, by itself or by a folder it lies in."""
        globs = self.of(path.parent)
        return globs is not None and globs.verdict(str(path.absolute()), is_folder=is_folder) is True

    def of(self, folder: Path) -> Globs | None:
        """Give the patterns that hold for what lies in a folder; ``None`` when there are none."""
        settings = self.settings_for(folder)
        if not settings.exclude:
            return None
        key = (settings.root, settings.exclude)
        if key not in self._specs:
            self._specs[key] = Globs.of(settings.root, settings.exclude)
        return self._specs[key]


def _walk(root: Path, excluder: _Excluder) -> Iterator[tuple[str, _Identity | None]]:
    """Give the files below a folder, and what each is; ``None`` for one that leads nowhere.

    Paths are texts here: a project has thousands, and of most no more is ever asked than their name.
    """
    visited: set[_Identity] = set()
    syntax = _syntax(excluder.settings_for(root))
    above = tuple(patterns_above(root, syntax=syntax))
    top = str(root.absolute())
    if any(patterns.verdict(top, is_folder=True) for patterns in above):
        # Who names an ignored folder wants it linted.
        above = ()
    stack: list[tuple[str, str, tuple[Patterns, ...]]] = [("" if root == Path() else str(root), top, above)]
    while stack:
        name, absolute, patterns = stack.pop()
        folder = Path(name)
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
        found = [(entry, is_folder) for entry in entries if (is_folder := _is_folder(entry)) or _is_python(entry)]
        excluding = excluder.of(folder) if found else None
        folders: list[tuple[str, str, tuple[Patterns, ...]]] = []
        before, absolutely = _start(name), _start(absolute)
        for entry, is_folder in found:
            path, inner = f"{before}{entry.name}", f"{absolutely}{entry.name}"
            if ignored(inner, patterns, is_folder=is_folder):
                continue
            if excluding is not None and excluding.verdict(inner, is_folder=is_folder) is True:
                continue
            if is_folder:
                folders.append((path, inner, patterns))
            else:
                yield path, _identity(entry)
        stack.extend(reversed(folders))


def _start(folder: str) -> str:
    """Give what comes before the names of what lies in a folder."""
    return f"{folder.rstrip(os.sep)}{os.sep}" if folder else ""


def _identity(entry: "os.DirEntry[str]") -> _Identity | None:
    try:
        status = entry.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _syntax(settings: Settings) -> str:
    """Give the syntax of ``.airflowignore``: what is configured, else the default of the targeted Airflow."""
    return settings.dag_ignore_file_syntax or (GLOB if settings.target_airflow >= (3, 0) else REGEXP)


def _is_python(entry: "os.DirEntry[str]") -> bool:
    return entry.name.endswith(".py")


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    """Tell whether an entry is a folder that is searched."""
    try:
        return entry.is_dir() and entry.name not in SKIPPED_FOLDERS
    except OSError:
        return False
