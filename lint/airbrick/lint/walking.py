"""The search of folders for Python files, past what is left out."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from airbrick.lint.absolute import absolute
from airbrick.lint.discovery import Excluder, Identity
from airbrick.lint.ignore_files import AIRFLOW, GIT, GLOB, REGEXP, Patterns, ignored, patterns_above, patterns_of
from airbrick.lint.settings import Settings

SKIPPED_FOLDERS: Final = frozenset(
    {".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", "__pycache__", "node_modules", ".mypy_cache"}
    | {".ruff_cache", ".pytest_cache", ".eggs", "site-packages", ".ipynb_checkpoints", ".airbrick_cache"}
)
"""Names of folders that hold no code of the project's own."""


def walk(root: Path, excluder: Excluder) -> Iterator[tuple[str, Identity | None]]:
    """Give the files below a folder, and what each is; ``None`` for one that leads nowhere.

    Paths are texts here: a project has thousands, and of most no more is ever asked than their name.
    """
    visited: set[Identity] = set()
    syntax = _syntax(excluder.settings_for(root))
    above = tuple(patterns_above(root, syntax=syntax))
    top = str(absolute(root))
    if any(patterns.verdict(top, is_folder=True) for patterns in above):
        # Who names an ignored folder wants it linted.
        above = ()
    stack: list[tuple[str, str, tuple[Patterns, ...]]] = [("" if root == Path() else str(root), top, above)]
    while stack:
        name, from_root, patterns = stack.pop()
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
        before, absolutely = _start(name), _start(from_root)
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


def _identity(entry: "os.DirEntry[str]") -> Identity | None:
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
