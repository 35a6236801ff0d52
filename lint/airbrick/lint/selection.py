"""Which rules are on for a file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from airbrick.lint.absolute import absolute
from airbrick.lint.errors import SelectorError
from airbrick.lint.plugins import is_local_elsewhere, local_rules
from airbrick.lint.registry import PRESETS, Listed, listed, matching, selected
from airbrick.lint.settings import Settings

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


@dataclass(frozen=True, slots=True)
class Selection:
    """The selectors of the command line, on top of those of the configuration.

    :param select: selectors that replace ``select`` and ``extend-select`` of the configuration.
    :param extend_select: selectors in addition to those.
    :param ignore: selectors in addition to those of the configuration.
    :param rules: gives the rules there are.
    """

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    rules: Callable[[], Sequence[Listed]] = listed
    _known: dict[tuple[tuple[str, ...], ...], frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def check(self) -> None:
        """Refuse selectors of the command line that stand for no rule.

        :raises SelectorError: there is one.
        """
        self._check(self.select, "--select")
        self._check(self.extend_select, "--extend-select")
        self._check(self.ignore, "--ignore")

    @property
    def joining(self) -> frozenset[str]:
        """Codes of the rules that look at all files together."""
        return frozenset(rule.code for rule in self.rules() if rule.joins)

    def codes(self, settings: Settings, path: Path) -> frozenset[str]:
        """Give the codes of the rules that are on for a file.

        :raises SelectorError: the settings select or ignore a rule that does not exist.
        """
        chosen = self.select or settings.select + settings.extend_select
        severe = tuple(selector for selector, _ in settings.severity)
        key = (chosen + self.extend_select, settings.ignore + self.ignore, severe)
        if key not in self._known:
            self._check(settings.select, f"{settings.source}: select")
            self._check(settings.extend_select, f"{settings.source}: extend-select")
            self._check(settings.ignore, f"{settings.source}: ignore")
            self._check_names(severe, f"{settings.source}: severity")
            self.check()
            self._known[key] = selected(*key[:2], self.rules())
        on = self._known[key]
        for pattern, selectors in settings.per_file_ignores:
            if _matches(path, pattern, settings.root):
                self._check(selectors, f"{settings.source}: per-file-ignores.{pattern!r}")
                on -= selected(selectors, (), self.rules())
        if settings.rule_paths or local_rules():
            on -= {rule.code for rule in local_rules() if is_local_elsewhere(rule, settings.rule_paths)}
        return on

    def _check(self, selectors: tuple[str, ...], source: str) -> None:
        for selector in selectors:
            matching(selector, self.rules(), source=source)

    def _check_names(self, selectors: tuple[str, ...], source: str) -> None:
        """Refuse selectors that are neither code, prefix nor name."""
        self._check(selectors, source)
        for selector in selectors:
            if selector in PRESETS:
                raise SelectorError(selector, source=source, suggestion=None)


def _matches(path: Path, pattern: str, root: Path) -> bool:
    try:
        relative = absolute(path).relative_to(root).as_posix()
    except ValueError:
        relative = path.name
    return _spec(pattern).match_file(relative)


@cache
def _spec(pattern: str) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines([pattern])
