"""``--watch``: doing something again whenever a file changes.

What is watched does not rest on the configuration: one that is broken must be watched all the more.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from airbrick.contract import FILE_PATTERN
from airbrick.lint.absolute import absolute
from airbrick.lint.baseline_finder import FILE_NAME as BASELINE
from airbrick.lint.config_finder import FILE_NAME, PYPROJECT
from airbrick.lint.ignore_files import AIRFLOW, GIT
from airbrick.lint.walking import SKIPPED_FOLDERS

INTERVAL_S: Final = 0.5
"""Between two looks at the files."""

Stamp = tuple[int, int, int]
State = dict[Path, Stamp]

_AROUND: Final = frozenset({FILE_NAME, PYPROJECT, BASELINE, AIRFLOW, GIT})


def state_of(paths: Iterable[Path]) -> State:
    """Give what tells one content from another, of all files that decide what is found in files and folders.

    These are Python files, and configurations, contracts, baselines and ignore files beside and above them.
    """
    files: set[Path] = set()
    above: set[Path] = set()
    for path in map(absolute, paths):
        files.update(_below(path) if path.is_dir() else (path,))
        above.update(path.parents)
    around = (Path(entry.path) for folder in above for entry in _scan(folder))
    files.update(path for path in around if _is_around(path))
    return {path: stamp for path in files if (stamp := _stamp(path)) is not None}


def _below(root: Path) -> Iterator[Path]:
    stack = [root]
    visited: set[str] = set()
    while stack:
        folder = stack.pop()
        # Symbolic links may lead round in circles.
        real = os.path.realpath(folder)
        if real in visited:
            continue
        visited.add(real)
        for entry in _scan(folder):
            path = Path(entry.path)
            if path.suffix == ".py" or _is_around(path):
                yield path
            elif entry.name not in SKIPPED_FOLDERS and path.is_dir():
                stack.append(path)


def _scan(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _is_around(path: Path) -> bool:
    return path.name in _AROUND or fnmatch(path.name, FILE_PATTERN)


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def watch(
    places: Sequence[Path],
    once: Callable[[], Iterable[Path]],
    *,
    pause: Callable[[float], None] = time.sleep,
    more: Callable[[], bool] = lambda: True,
) -> None:
    """Do something now, and again whenever a file changes, also one that changes meanwhile.

    :param places: the files and folders that are looked at, whether or not they exist.
    :param once: does it, and gives further files and folders that it rested on.
    :param pause: waits for some seconds.
    :param more: tells whether to go on.
    """
    further: tuple[Path, ...] = ()
    while True:
        before = state_of((*places, *further))
        further = tuple(once())
        # Of what it told of just now, no earlier state is known.
        before = state_of(further) | before
        while True:
            if not more():
                return
            pause(INTERVAL_S)
            if state_of((*places, *further)) != before:
                break
