"""The project pass: what only shows when all files are seen together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from airbrick.lint.contracts import StackContract
from airbrick.lint.crash import START, crash
from airbrick.lint.finding import Finding, Note
from airbrick.lint.registry import all_rules
from airbrick.lint.rule import Rule
from airbrick.lint.settings import Settings
from airbrick.lint.source import Span


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
    ) -> Finding:
        """Report a mistake.

        :param path: the file it is found in; of what a stack provisioned the contract.
        :param stacks: the stacks in which it holds.
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
        )


def check_project(
    gathered: Iterable[tuple[Path, Mapping[str, tuple[str, ...]]]],
    contracts: tuple[StackContract, ...],
    settings: Settings,
    on: frozenset[str],
) -> Iterator[Finding]:
    """Ask every rule that looks at all files together.

    :param gathered: for each file, what the rules gathered.
    :param on: codes of the rules that are asked.
    """
    by_rule: dict[str, dict[Path, tuple[str, ...]]] = {}
    for path, told in gathered:
        for code, texts in told.items():
            by_rule.setdefault(code, {})[path] = texts
    for rule in all_rules():
        if rule.code in on and type(rule).check_project is not Rule.check_project:
            try:
                yield from list(rule.check_project(Project(by_rule.get(rule.code, {}), contracts, settings)))
            except Exception as error:  # noqa: BLE001 - one rule's crash must not lose what the others find
                yield crash(rule.code, Path(), error)
