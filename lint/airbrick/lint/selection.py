"""Which rules are on for a file."""

from dataclasses import dataclass, field
from pathlib import Path

from airbrick.lint.plugins import is_local_elsewhere, local_rules
from airbrick.lint.registry import matching, selected
from airbrick.lint.settings import Settings


@dataclass(frozen=True, slots=True)
class Selection:
    """The selectors of the command line, on top of those of the configuration.

    :param select: selectors that replace ``select`` and ``extend-select`` of the configuration.
    :param extend_select: selectors in addition to those.
    :param ignore: selectors in addition to those of the configuration.
    """

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    _known: dict[tuple[tuple[str, ...], ...], frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def check(self) -> None:
        """Refuse selectors of the command line that stand for no rule.

        :raises SelectorError: there is one.
        """
        _check(self.select, "--select")
        _check(self.extend_select, "--extend-select")
        _check(self.ignore, "--ignore")

    def codes(self, settings: Settings, path: Path) -> frozenset[str]:
        """Give the codes of the rules that are on for a file.

        :raises SelectorError: the settings select or ignore a rule that does not exist.
        """
        chosen = self.select or settings.select + settings.extend_select
        key = (chosen + self.extend_select, settings.ignore + self.ignore)
        if key not in self._known:
            _check(settings.select, f"{settings.source}: select")
            _check(settings.extend_select, f"{settings.source}: extend-select")
            _check(settings.ignore, f"{settings.source}: ignore")
            self.check()
            self._known[key] = selected(*key)
        on = self._known[key]
        for pattern, selectors in settings.per_file_ignores:
            if _matches(path, pattern, settings.root):
                _check(selectors, f"{settings.source}: per-file-ignores.{pattern!r}")
                on -= selected(selectors, ())
        if settings.rule_paths or local_rules():
            on -= {rule.code for rule in local_rules() if is_local_elsewhere(rule, settings.rule_paths)}
        return on


def _check(selectors: tuple[str, ...], source: str) -> None:
    for selector in selectors:
        matching(selector, source=source)


def _matches(path: Path, pattern: str, root: Path) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        relative = path.absolute().relative_to(root).as_posix()
    except ValueError:
        relative = path.name
    return GitIgnoreSpec.from_lines([pattern]).match_file(relative)
