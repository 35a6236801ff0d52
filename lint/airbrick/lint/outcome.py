"""What came out of a run."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airbrick.lint.asked import Asked
from airbrick.lint.finding import Finding
from airbrick.lint.result import Result
from airbrick.lint.settings import Settings

if TYPE_CHECKING:
    from airbrick.lint.baseline import Baseline
    from airbrick.lint.fixing import FixResult


@dataclass(frozen=True, slots=True)
class Checked:
    """A file after everything that was asked for was done with it.

    :param known: its findings that are not shown.
    :param fixed: what was mended; ``None`` when nothing was.
    :param ignored: how many findings got a comment.
    """

    settings: Settings
    result: Result
    known: tuple[Finding, ...] = ()
    fixed: "FixResult | None" = None
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class Together:
    """What all files show together.

    :param settings: those it is judged by.
    :param asked: codes of the rules that were asked.
    :param known: findings that are not shown.
    """

    settings: Settings = field(default_factory=Settings)
    asked: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()
    known: tuple[Finding, ...] = ()


@dataclass(slots=True)
class Outcome:
    """What came out of a run.

    :param asked: what was looked for.
    :param project: what the files show together.
    :param errors: what kept the linter from its work, one line each.
    :param baselines: the baselines that were used, with what is left of them.
    """

    files: list[Checked]
    asked: Asked
    project: Together
    errors: list[str] = field(default_factory=list)
    baselines: "tuple[Baseline, ...]" = ()

    @property
    def findings(self) -> list[Finding]:
        """What is shown, in order."""
        return [finding for file in self.files for finding in file.result.findings] + list(self.project.findings)

    @property
    def fixes(self) -> "list[FixResult]":
        """The files that were changed, or would be."""
        return [file.fixed for file in self.files if file.fixed is not None]

    @property
    def crashed(self) -> bool:
        """Whether the linter failed on a file, or on all together."""
        return any(file.result.crashed for file in self.files) or any(f.code == "DBX900" for f in self.project.findings)

    @property
    def failing(self) -> bool:
        """Whether something was found that is as bad as the settings say a failure is."""
        by_file = ((file.result.worst, file.settings) for file in self.files)
        by_project = ((finding.severity, self.project.settings) for finding in self.project.findings)
        return any(worst is not None and worst.rank >= s.fail_on.rank for worst, s in (*by_file, *by_project))
