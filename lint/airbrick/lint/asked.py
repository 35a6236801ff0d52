"""Which rules were asked about which files: what nobody looked for is not gone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from airbrick.lint.engine import REFUSALS, Linter
from airbrick.lint.project import project_codes
from airbrick.lint.registry import all_rules
from airbrick.lint.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run looked for.

    :param settings_for: gives the settings for a folder.
    :param refused: for each file that was linted, by its absolute path, whether it could not be followed.
    :param contracts: the contracts of these files.
    :param project: codes of the rules that looked at all files together.
    """

    linter: Linter
    settings_for: Callable[[Path], Settings]
    refused: Mapping[Path, bool] = field(default_factory=dict)
    contracts: frozenset[Path] = frozenset()
    project: frozenset[str] = frozenset()

    def codes(self, path: Path) -> frozenset[str]:
        """Give the codes of the rules whose findings in a file would have been told; of a file that is gone as well.

        :param path: the absolute path.
        """
        if path in self.contracts and path not in self.refused:
            return self.project
        if path not in self.refused and path.exists():
            return frozenset()
        settings = self.settings_for(path.parent)
        on = self.linter.selection.codes(settings, path) - (project_codes() - self.project)
        if self.refused.get(path):
            on &= REFUSALS
        if not self.linter.contracts.beside(path, settings.contract):
            on -= {rule.code for rule in all_rules() if rule.needs_contract} - self.project
        least = settings.min_severity.rank
        return on - {rule.code for rule in all_rules() if settings.severity_of(rule).rank < least}
