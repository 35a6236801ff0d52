"""Which rules were asked about which files: what nobody looked for is not gone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from airbrick.lint.absolute import absolute
from airbrick.lint.engine import Linter
from airbrick.lint.registry import all_rules
from airbrick.lint.result import REFUSALS, Result
from airbrick.lint.settings import Settings


@dataclass(frozen=True)
class Asked:
    """What a run looked for.

    :param settings_for: gives the settings for a folder.
    :param results: those of the files that were linted.
    :param contracts: the contracts of these files.
    :param project: codes of the rules that looked at all files together.
    """

    linter: Linter
    settings_for: Callable[[Path], Settings]
    results: Sequence[Result] = ()
    contracts: frozenset[Path] = frozenset()
    project: frozenset[str] = frozenset()

    @cached_property
    def refused(self) -> Mapping[Path, bool]:
        """For each of these files, by its absolute path, whether it could not be followed."""
        return {absolute(result.path): result.refused for result in self.results}

    def codes(self, path: Path) -> frozenset[str]:
        """Give the codes of the rules whose findings in a file would have been told; of a file that is gone as well.

        :param path: the absolute path.
        """
        if path in self.contracts and path not in self.refused:
            return self.project
        if path not in self.refused and path.exists():
            return frozenset()
        from airbrick.lint.project import project_codes

        settings = self.settings_for(path.parent)
        on = self.linter.selection.codes(settings, path) - (project_codes() - self.project)
        if self.refused.get(path):
            on &= REFUSALS
        if not self.linter.contracts.beside(path, settings.contract):
            on -= {rule.code for rule in all_rules() if rule.needs_contract} - self.project
        least = settings.min_severity.rank
        return on - {rule.code for rule in all_rules() if settings.severity_of(rule).rank < least}
