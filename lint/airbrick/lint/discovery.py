"""Which files are linted."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from airbrick.lint.errors import PathError
from airbrick.lint.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from pathspec import GitIgnoreSpec

_IGNORE_FILES: Final = (".gitignore", ".airflowignore")
_SKIPPED_FOLDERS: Final = frozenset(
    {".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", "__pycache__", "node_modules", ".mypy_cache"}
    | {".ruff_cache", ".pytest_cache", ".eggs", "site-packages", ".ipynb_checkpoints"}
)


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns of one ignore file.

    :param folder: what they are relative to.
    """

    folder: Path
    spec: "GitIgnoreSpec"

    def verdict(self, path: Path, *, is_folder: bool) -> bool | None:
        """Tell whether the patterns ignore a path; ``None`` when they do not speak of it."""
        try:
            relative = path.relative_to(self.folder).as_posix()
        except ValueError:
            return None
        return self.spec.check_file(f"{relative}/" if is_folder else relative).include


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
        self._settings_for = settings_for
        self._specs: dict[tuple[Path, tuple[str, ...]], _Patterns] = {}

    def excludes(self, path: Path, *, is_folder: bool) -> bool:
        """Tell whether the configuration leaves a path out, by itself or by a folder it lies in."""
        settings = self._settings_for(path.parent)
        if not settings.exclude:
            return False
        key = (settings.root, settings.exclude)
        if key not in self._specs:
            self._specs[key] = _Patterns(settings.root, _compile(settings.exclude))
        return self._specs[key].verdict(path.absolute(), is_folder=is_folder) is True


def _compile(lines: Sequence[str]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines)


def _walk(root: Path, excluder: _Excluder) -> Iterator[Path]:
    visited: set[tuple[int, int]] = set()
    above = tuple(_above(root))
    if any(patterns.verdict(root.absolute(), is_folder=True) for patterns in above):
        # Who names an ignored folder wants it linted.
        above = ()
    stack: list[tuple[Path, tuple[_Patterns, ...]]] = [(root, above)]
    while stack:
        folder, patterns = stack.pop()
        try:
            status = folder.stat()
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        # Symbolic links may lead round in circles.
        if (status.st_dev, status.st_ino) in visited:
            continue
        visited.add((status.st_dev, status.st_ino))
        patterns += tuple(_own(folder))
        folders: list[Path] = []
        for entry in entries:
            path = folder / entry.name
            if _is_folder(entry):
                if entry.name not in _SKIPPED_FOLDERS and not _ignored(path, patterns, excluder, is_folder=True):
                    folders.append(path)
            elif entry.name.endswith(".py") and not _ignored(path, patterns, excluder, is_folder=False):
                yield path
        stack.extend((path, patterns) for path in reversed(folders))


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _ignored(path: Path, patterns: tuple[_Patterns, ...], excluder: _Excluder, *, is_folder: bool) -> bool:
    absolute = path.absolute()
    for nearest in reversed(patterns):
        verdict = nearest.verdict(absolute, is_folder=is_folder)
        if verdict is not None:
            if verdict:
                return True
            break
    return excluder.excludes(path, is_folder=is_folder)


def _own(folder: Path) -> Iterator[_Patterns]:
    for name in _IGNORE_FILES:
        file = folder / name
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        if any(line.strip() and not line.startswith("#") for line in lines):
            yield _Patterns(folder.absolute(), _compile(lines))


def _above(root: Path) -> Iterator[_Patterns]:
    """Give the ignore files above a folder, up to the root of its git repository."""
    chain: list[Path] = []
    folder = root.absolute()
    if (folder / ".git").exists():
        return
    for parent in folder.parents:
        chain.append(parent)
        if (parent / ".git").exists():
            break
    else:
        return
    for parent in reversed(chain):
        yield from _own(parent)
