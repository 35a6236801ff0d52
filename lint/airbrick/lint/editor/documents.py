"""An open document, as the linter sees it."""

from dataclasses import dataclass, replace
from pathlib import Path

from airbrick.lint import baseline
from airbrick.lint.baseline_finder import nearest
from airbrick.lint.config_finder import ConfigFinder
from airbrick.lint.contracts import ContractStore, StackContract
from airbrick.lint.discovery import discover
from airbrick.lint.engine import Linter, is_relevant
from airbrick.lint.finding import Finding
from airbrick.lint.known import Known, split
from airbrick.lint.result import FileResult
from airbrick.lint.settings import Settings
from airbrick.lint.source import SourceFile


@dataclass(frozen=True, slots=True)
class Checked:
    """A document with what was found in it.

    :param known: its findings that a baseline holds, which are neither shown nor mended.
    :param errors: contracts that cannot be read.
    """

    source: SourceFile
    settings: Settings
    linter: Linter
    result: FileResult
    known: tuple[Finding, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def contracts(self) -> tuple[StackContract, ...]:
        """The contracts the document is checked against."""
        return self.linter.contracts.beside(self.source.path, self.settings.contract)


def check(path: Path, text: str) -> Checked:
    """Lint a text that an editor holds.

    Everything around it is read anew, because it may have changed since the last letter was typed.

    :raises LintError: the configuration or the baseline is wrong.
    """
    settings_for = ConfigFinder().settings_for
    settings = settings_for(path.parent)
    source = SourceFile(path, text)
    linter = Linter(ContractStore())
    if not is_relevant(text.encode("utf-8", "surrogatepass"), settings) or _is_excluded(path):
        return Checked(source, settings, linter, FileResult(path))
    result = linter.lint_source(source, settings)
    fresh, known = split(result.findings, _known(path, settings))
    errors = tuple(str(error) for error in linter.contracts.errors)
    return Checked(source, settings, linter, replace(result, findings=fresh), known, errors)


def _is_excluded(path: Path) -> bool:
    return path.exists() and not list(discover([path], ConfigFinder().settings_for, force_exclude=True))


def _known(path: Path, settings: Settings) -> list[Known]:
    file = settings.baseline or nearest(path)
    return [baseline.load(file)] if file is not None else []
