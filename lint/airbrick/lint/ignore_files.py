"""What ``.gitignore`` and ``.airflowignore`` leave out."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from airbrick.lint.absolute import absolute

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

GIT: Final = ".gitignore"
AIRFLOW: Final = ".airflowignore"
GLOB: Final = "glob"
REGEXP: Final = "regexp"
_COMMENT: Final = re.compile(r"\s*#.*")


class Patterns(Protocol):
    """Patterns of one ignore file."""

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """Tell whether they ignore an absolute path; ``None`` when they do not speak of it."""


@dataclass(frozen=True, slots=True)
class Globs:
    """Patterns in the syntax of ``.gitignore``.

    :param folder: what they are relative to, absolute, with a slash at its end.
    """

    folder: str
    spec: "GitIgnoreSpec"

    @classmethod
    def of(cls, folder: Path, lines: Sequence[str]) -> "Globs":
        """Make patterns of the lines of a file."""
        from pathspec import GitIgnoreSpec

        return cls(os.path.join(absolute(folder), ""), GitIgnoreSpec.from_lines(lines))  # noqa: PTH118 - for its slash

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """Tell whether they ignore a path."""
        if not path.startswith(self.folder):
            return None
        relative = path[len(self.folder) :]
        return self.spec.check_file(f"{relative}/" if is_folder else relative).include


@dataclass(frozen=True, slots=True)
class Regexps:
    """Regular expressions, the other syntax of ``.airflowignore``.

    Source: ``_RegexpIgnoreRule`` of Airflow: each is searched for in the path below the DAG folder.

    :param folder: the folder of the outermost ``.airflowignore``, which stands for the DAG folder.
    """

    folder: str
    expressions: tuple[re.Pattern[str], ...]

    @classmethod
    def of(cls, folder: str, lines: Sequence[str]) -> "Regexps":
        """Make patterns of the lines of a file; those that are no regular expressions are left out, as in Airflow."""
        return cls(folder, tuple(_compiled(lines)))

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """Tell whether they ignore a path."""
        del is_folder
        if not path.startswith(self.folder):
            return None
        relative = path[len(self.folder) :]
        return True if any(expression.search(relative) for expression in self.expressions) else None


def _compiled(lines: Sequence[str]) -> Iterator[re.Pattern[str]]:
    for line in lines:
        try:
            yield re.compile(line)
        except re.error:
            continue


def patterns_of(folder: Path, above: Sequence[Patterns], *, syntax: str) -> Iterator[Patterns]:
    """Give the patterns of the ignore files in a folder.

    :param above: those of the folders above.
    :param syntax: that of ``.airflowignore``: ``glob`` or ``regexp``.
    """
    lines = _read(folder / GIT)
    if lines:
        yield Globs.of(folder, lines)
    lines = [line for line in (_COMMENT.sub("", line) for line in _read(folder / AIRFLOW)) if line.strip()]
    if lines and syntax == GLOB:
        yield Globs.of(folder, lines)
    elif lines:
        outermost = next((p.folder for p in above if isinstance(p, Regexps)), None)
        yield Regexps.of(outermost or os.path.join(absolute(folder), ""), lines)  # noqa: PTH118 - for its slash


def _read(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return lines if any(line.strip() and not line.startswith("#") for line in lines) else []


def patterns_above(root: Path, *, syntax: str) -> list[Patterns]:
    """Give the patterns of the folders above one, up to the root of its git repository."""
    chain: list[Path] = []
    folder = absolute(root)
    if (folder / ".git").exists():
        return []
    for parent in folder.parents:
        chain.append(parent)
        if (parent / ".git").exists():
            break
    else:
        return []
    found: list[Patterns] = []
    for parent in reversed(chain):
        found.extend(patterns_of(parent, found, syntax=syntax))
    return found


def ignored(path: str, patterns: Sequence[Patterns], *, is_folder: bool) -> bool:
    """Tell whether a path is ignored: the nearest file that speaks of it decides."""
    for nearest in reversed(patterns):
        verdict = nearest.verdict(path, is_folder=is_folder)
        if verdict is not None:
            return verdict
    return False
