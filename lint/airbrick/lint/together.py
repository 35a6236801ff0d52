"""The project pass of one run: which files it hears, by what it is judged, and what of it was there before.

A rule that looks at all files together is right only when it knows all of them. So files of the project that are not
linted are heard as well, and where one cannot be followed no such rule is asked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from airbrick.lint.absolute import absolute
from airbrick.lint.checking import Checker, Work
from airbrick.lint.contracts import StackContract
from airbrick.lint.discovery import discover
from airbrick.lint.engine import Linter
from airbrick.lint.finding import Finding
from airbrick.lint.result import Result
from airbrick.lint.settings import Settings

if TYPE_CHECKING:
    from airbrick.lint.project import Gathered
    from airbrick.lint.revisions import Revision


@dataclass(frozen=True, slots=True)
class Heard:
    """All files of a project, and what they told.

    :param settings: those the project is judged by.
    :param works: the files, those that are not linted last.
    :param results: what was found in each, in the same order.
    :param contracts: what the stacks of the linted files provisioned.
    :param folders: what the project lies in.
    """

    linter: Linter
    settings: Settings
    works: tuple[Work, ...]
    results: tuple[Result, ...]
    contracts: tuple[StackContract, ...]
    folders: tuple[Path, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every file could be followed: one that could not may tell anything."""
        return not any(result.refused or result.crashed for result in self.results)

    def now(self) -> tuple[Finding, ...]:
        """Give what is found."""
        return self._judge([(result.path, result.gathered) for result in self.results], self.contracts)

    def before(self, revision: "Revision", settings_for: Callable[[Path], Settings]) -> tuple[Finding, ...]:
        """Give what would be found if files and contracts were those of a revision."""
        gone = [path for path in revision.deleted if path.suffix == ".py" and self._holds(path)]
        works = [*self.works, *(Work(path, settings_for(path.parent)) for path in gone)]
        told = {result.path: result.gathered for result in self.results}
        for path, result in revision.results(works, self.linter).items():
            told[path] = result.gathered if result is not None else {}
        contracts = [contract.at(revision.content) for contract in self.contracts]
        return self._judge(list(told.items()), tuple(contract for contract in contracts if contract is not None))

    def _judge(self, told: "Sequence[Gathered]", contracts: tuple[StackContract, ...]) -> tuple[Finding, ...]:
        from airbrick.lint.project import check_project

        found = check_project(told, contracts, self.settings, self.linter.gathering)
        on = self.linter.selection.codes
        return tuple(f for f in found if f.code == "DBX900" or f.code in on(self.settings, f.path))

    def _holds(self, path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in self.folders)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Hears the files of a project.

    :param settings_for: gives the settings for a folder.
    :param paths: files and folders that are linted.
    :param others: hears those that are not.
    """

    linter: Linter
    settings_for: Callable[[Path], Settings]
    paths: tuple[Path, ...]
    force_exclude: bool
    others: Checker

    def hear(self, works: Sequence[Work], results: Sequence[Result], stacks: Mapping[Path, StackContract]) -> Heard:
        """Hear all files.

        :param results: what was found in those that are linted.
        :param stacks: the contracts of these, by their files.
        """
        linted = {absolute(path) for path in self.paths}
        roots = {work.settings.root for work in works if work.settings.source is not None}
        roots |= {path.parent for path in stacks if any(_lies_in(path.parent, work.path) for work in works)}
        others: list[Work] = []
        if not roots <= linted:
            # What is linted comes first; each file comes once, whatever it is called.
            found = list(discover([*self.paths, *sorted(roots)], self.settings_for, force_exclude=self.force_exclude))
            others = [Work(path, self.settings_for(path.parent)) for path in found[len(works) :]]
        return Heard(
            self.linter,
            self.settings_for(Path()),
            (*works, *others),
            (*results, *self.others.check(others)),
            tuple(stacks.values()),
            tuple(sorted(roots | linted)),
        )


def _lies_in(folder: Path, file: Path) -> bool:
    return absolute(file).is_relative_to(folder)
