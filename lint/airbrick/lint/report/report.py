"""What every output format is given."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from airbrick.lint.finding import Finding
from airbrick.lint.report import formats
from airbrick.lint.report.colours import Palette
from airbrick.lint.report.frames import DEFAULT_WIDTH
from airbrick.lint.source import SourceFile

_PREFIX: Final = "format_"


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found.

    :param sources: the texts of the files that findings are in, as the findings' places count.
    :param files: the files that were checked, in order.
    :param fixed: how many findings were fixed.
    :param known: how many findings were left out because a baseline or a revision has them.
    :param errors: what kept the linter from its work, one text each.
    :param width: columns that lines for people may take.
    """

    findings: Sequence[Finding]
    sources: Mapping[Path, SourceFile] = field(default_factory=dict)
    files: Sequence[Path] = ()
    fixed: int = 0
    known: int = 0
    errors: Sequence[str] = ()
    palette: Palette = field(default_factory=Palette)
    width: int = DEFAULT_WIDTH


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
