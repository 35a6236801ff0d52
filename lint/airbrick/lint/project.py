"""The project pass: what only shows when all files are seen together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from airbrick.lint.contracts import StackContract
from airbrick.lint.crash import START, crash
from airbrick.lint.finding import Finding, Note
from airbrick.lint.fingerprints import fingerprint
from airbrick.lint.registry import all_rules, listed
from airbrick.lint.rule import Rule
from airbrick.lint.settings import Settings
from airbrick.lint.source import Span

Gathered = tuple[Path, Mapping[str, tuple[str, ...]]]
"""A file, and by the code of a rule what it gathered there."""


@dataclass(frozen=True, slots=True)
class Project:
    """All files of a run, as one rule sees them.

    :param gathered: what the rule's ``gather`` gave for each file; files that gave nothing are left out.
    :param contracts: what the stacks provisioned, by all the files together.
    :param settings: those of the folder the linter was started in.
    """

    gathered: Mapping[Path, tuple[str, ...]]
    contracts: tuple[StackContract, ...]
    settings: Settings

    def finding(
        self,
        rule: Rule,
        path: Path,
        message: str,
        *,
        span: Span = START,
        help: str = "",  # noqa: A002 - the field's own name
        notes: Sequence[Note] = (),
        stacks: Sequence[str] = (),
        known_by: str = "",
    ) -> Finding:
        """Report a mistake.

        :param path: the file it is found in; of what a stack provisioned the contract.
        :param stacks: the stacks in which it holds.
        :param known_by: what tells it from others of the rule in the file, such as the key of a job, so that it
            stays known when its message changes; by default the message.
        """
        return Finding(
            code=rule.code,
            name=rule.name,
            severity=rule.severity,
            path=path,
            span=span,
            message=message,
            help=help,
            notes=tuple(notes),
            stacks=tuple(stacks),
            fingerprint=fingerprint(rule.code, known_by or message),
        )


def project_codes() -> frozenset[str]:
    """Give the codes of the rules that look at all files together."""
    return frozenset(rule.code for rule in listed() if rule.joins)


def check_project(
    gathered: Iterable[Gathered],
    contracts: tuple[StackContract, ...],
    settings: Settings,
    on: frozenset[str],
) -> Iterator[Finding]:
    """Ask rules that look at all files together, and judge what they find by the settings.

    :param gathered: for each file, what the rules gathered.
    :param on: codes of the rules that are asked.
    """
    by_rule: dict[str, dict[Path, tuple[str, ...]]] = {}
    for path, told in gathered:
        for code, texts in told.items():
            by_rule.setdefault(code, {})[path] = texts
    for rule in all_rules():
        if rule.code not in on & project_codes():
            continue
        try:
            found = list(rule.check_project(Project(by_rule.get(rule.code, {}), contracts, settings)))
        except Exception as error:  # noqa: BLE001 - one rule's crash must not lose what the others find
            found = [crash(rule.code, Path(), error)]
        for finding in found:
            severity = settings.severity_of(finding)
            if severity.rank >= settings.min_severity.rank or finding.code == "DBX900":
                yield replace(finding, severity=severity)
