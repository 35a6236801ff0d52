"""Which files are linted."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from airbrick.lint.absolute import absolute
from airbrick.lint.errors import PathError
from airbrick.lint.settings import Settings

if TYPE_CHECKING:
    from airbrick.lint.ignore_files import Globs

Identity = tuple[int, int]
"""Device and inode of a file: what it is, whatever it is called."""


def discover(
    paths: Sequence[Path], settings_for: Callable[[Path], Settings], *, force_exclude: bool = False
) -> Iterator[Path]:
    """Give the files to lint, each once, in a stable order.

    Files that are named are linted whatever they are called. Folders are searched for ``*.py``, past
    what ``exclude``, ``.gitignore`` and ``.airflowignore`` leave out.

    :param settings_for: gives the settings for a folder.
    :param force_exclude: whether ``exclude`` also holds for files that are named.
    :raises PathError: a path does not exist.
    """
    seen: set[Identity] = set()
    excluder = Excluder(settings_for)
    for path in paths:
        if path.is_dir():
            from airbrick.lint.walking import walk

            yield from (Path(found) for found, identity in walk(path, excluder) if _first_time(identity, seen))
        elif path.exists():
            if not (force_exclude and excluder.excludes(path, is_folder=False)):
                status = path.stat()
                if _first_time((status.st_dev, status.st_ino), seen):
                    yield path
        else:
            raise PathError(path, reason="no such file or folder")


def _first_time(identity: Identity | None, seen: set[Identity]) -> bool:
    if identity is None:
        return True
    known = len(seen)
    seen.add(identity)
    return len(seen) > known


class Excluder:
    """The ``exclude`` patterns of the configuration."""

    def __init__(self, settings_for: Callable[[Path], Settings]) -> None:
        self.settings_for = settings_for
        self._specs: dict[tuple[Path, tuple[str, ...]], Globs] = {}

    def excludes(self, path: Path, *, is_folder: bool) -> bool:
        """Tell whether the configuration leaves a path out, by itself or by a folder it lies in."""
        globs = self.of(path.parent)
        return globs is not None and globs.verdict(str(absolute(path)), is_folder=is_folder) is True

    def of(self, folder: Path) -> "Globs | None":
        """Give the patterns that hold for what lies in a folder; ``None`` when there are none."""
        settings = self.settings_for(folder)
        if not settings.exclude:
            return None
        key = (settings.root, settings.exclude)
        if key not in self._specs:
            from airbrick.lint.ignore_files import Globs

            self._specs[key] = Globs.of(settings.root, settings.exclude)
        return self._specs[key]
