"""What was found in one file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from airbrick.lint.finding import Finding, Severity
from airbrick.lint.source import SourceFile

REFUSALS: Final = frozenset({"DBX901", "DBX903"})
"""Codes of findings that say that a file could not be followed."""


class Result(Protocol):
    """What was found in one file, by this run or an earlier one."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, in order."""

    @property
    def worst(self) -> Severity | None:
        """The worst severity among the findings; ``None`` when there are none."""

    @property
    def source(self) -> SourceFile | None:
        """The file; ``None`` when it was not read or could not be decoded."""

    @property
    def may_show_secrets(self) -> bool:
        """Whether a finding may be about a secret."""

    @property
    def gathered(self) -> Mapping[str, tuple[str, ...]]:
        """By the code of a rule, what its :meth:`Rule.check_project` has to know of the file."""

    @property
    def refused(self) -> bool:
        """Whether the file could not be followed, or not to its end, so that rules did not see all of it."""

    @property
    def crashed(self) -> bool:
        """Whether the linter failed on the file."""


@dataclass(frozen=True, slots=True)
class FileResult:
    """What was found just now.

    :param consulted: other files the findings rest on; some of them may not exist.
    """

    path: Path
    findings: tuple[Finding, ...] = ()
    source: SourceFile | None = None
    gathered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    consulted: frozenset[Path] = frozenset()
    refused: bool = False

    @property
    def worst(self) -> Severity | None:
        """The worst severity among the findings."""
        return max((finding.severity for finding in self.findings), key=lambda severity: severity.rank, default=None)

    @property
    def may_show_secrets(self) -> bool:
        """Whether a finding may be about a secret."""
        return bool(self.findings)

    @property
    def crashed(self) -> bool:
        """Whether the linter failed on the file."""
        return any(finding.code == "DBX900" for finding in self.findings)


def only(result: Result, findings: tuple[Finding, ...]) -> FileResult:
    """Give a result without some of its findings.

    :param findings: those that stay.
    """
    return FileResult(result.path, findings, result.source, result.gathered, refused=result.refused)
