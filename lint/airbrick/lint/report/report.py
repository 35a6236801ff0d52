"""What every output format is given."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from airbrick.lint.finding import Finding
from airbrick.lint.report import formats
from airbrick.lint.report.colours import DEFAULT_WIDTH, Palette
from airbrick.lint.report.masking import secret_lines
from airbrick.lint.result import Result
from airbrick.lint.source import SourceFile

_PREFIX: Final = "format_"


@dataclass(frozen=True)
class Report:
    """What a run found.

    :param results: what was found in each file that was checked, in order.
    :param together: what all files show together.
    :param fixed: how many findings were fixed.
    :param known: how many findings were left out because a baseline or a revision has them.
    :param errors: what kept the linter from its work, one text each.
    :param width: columns that lines for people may take.
    """

    results: Sequence[Result] = ()
    together: Sequence[Finding] = ()
    fixed: int = 0
    known: int = 0
    errors: Sequence[str] = ()
    palette: Palette = field(default_factory=Palette)
    width: int = DEFAULT_WIDTH

    @cached_property
    def findings(self) -> Sequence[Finding]:
        """All findings, in order."""
        return [*(finding for result in self.results for finding in result.findings), *self.together]

    @cached_property
    def sources(self) -> Mapping[Path, SourceFile]:
        """The texts of the files that findings are in, as the findings' places count."""
        return {result.path: result.source for result in self.results if result.source is not None}

    @property
    def files(self) -> Sequence[Path]:
        """The files that were checked, in order."""
        return [result.path for result in self.results]

    def hidden(self, path: Path) -> frozenset[int]:
        """Give the lines of a file of which no literal may be told."""
        return self._hidden.get(path, frozenset()) if self._hidden else frozenset()

    @cached_property
    def _hidden(self) -> Mapping[Path, frozenset[int]]:
        told = (result for result in self.results if result.may_show_secrets)
        return secret_lines([*(finding for result in told for finding in result.findings), *self.together])


def format_names() -> tuple[str, ...]:
    """Give the names of the output formats; each is a module, which is not imported to be named."""
    names = (found.name for found in pkgutil.iter_modules(formats.__path__) if found.name.startswith(_PREFIX))
    return tuple(sorted(name.removeprefix(_PREFIX).replace("_", "-") for name in names))


def render(report: Report, name: str) -> str:
    """Write a report in a format, with a newline at its end unless it is empty."""
    module = importlib.import_module(f"{formats.__name__}.{_PREFIX}{name.replace('-', '_')}")
    write: Callable[[Report], str] = module.write
    return write(report)


def shown_path(path: Path) -> str:
    """Name a file from the current folder when it lies below it, with slashes."""
    here = Path.cwd()
    absolute = path.absolute()
    return (absolute.relative_to(here) if absolute.is_relative_to(here) else path).as_posix()


def occurrences(findings: Sequence[Finding]) -> list[int]:
    """Give each finding a number, from 0, among those of its file that look the same."""
    seen: dict[tuple[Path, str], int] = {}
    numbers: list[int] = []
    for finding in findings:
        key = (finding.path, finding.fingerprint)
        numbers.append(seen.get(key, 0))
        seen[key] = numbers[-1] + 1
    return numbers
