"""All rules, and the selection among them."""

import importlib
import itertools
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from airbrick.lint import plugins, rules
from airbrick.lint.errors import PluginError, SelectorError
from airbrick.lint.rule import Preset, Rule

PRESETS: Final[Mapping[str, frozenset[Preset]]] = {
    Preset.RECOMMENDED: frozenset({Preset.RECOMMENDED}),
    Preset.STRICT: frozenset({Preset.RECOMMENDED, Preset.STRICT}),
    Preset.ALL: frozenset(Preset),
}
"""Named selections, and the rules' own presets each holds."""


@cache
def built_in_rules() -> tuple[Rule, ...]:
    """Give the rules of airbrick itself, ordered by code."""
    names = (found.name for found in pkgutil.iter_modules(rules.__path__) if found.name.startswith("dbx"))
    loaded = [importlib.import_module(f"{rules.__name__}.{name}").RULE for name in names]
    return tuple(sorted(loaded, key=lambda rule: rule.code))


def all_rules() -> tuple[Rule, ...]:
    """Give every rule, those of others included, ordered by code.

    :raises PluginError: rules of others cannot be loaded, or two rules share a code or a name.
    """
    return _joined(plugins.installed_rules(), plugins.local_rules())


@cache
def _joined(*others: tuple[Rule, ...]) -> tuple[Rule, ...]:
    joined = {rule.code: rule for rule in built_in_rules()}
    for rule in itertools.chain.from_iterable(others):
        for other in joined.values():
            if rule.code == other.code or rule.name == other.name:
                raise PluginError(type(rule).__module__, reason=f"{rule.code} {rule.name} exists already")
        joined[rule.code] = rule
    return tuple(sorted(joined.values(), key=lambda rule: rule.code))


class Listed(NamedTuple):
    """What it takes to select a rule, which can be known without importing the rule.

    :param joins: whether it looks at all files together.
    """

    code: str
    name: str
    preset: str
    joins: bool


def listed() -> tuple[Listed, ...]:
    """List every rule.

    :raises PluginError: rules of others cannot be loaded, or two rules share a code or a name.
    """
    return tuple(
        Listed(rule.code, rule.name, rule.preset.value, type(rule).check_project is not Rule.check_project)
        for rule in all_rules()
    )


def find_rule(code_or_name: str) -> Rule | None:
    """Find a rule by its code or its name."""
    wanted = code_or_name.strip()
    return _by_name(all_rules()).get(wanted.upper()) or _by_name(all_rules()).get(wanted.lower())


@cache
def _by_name(known: tuple[Rule, ...]) -> Mapping[str, Rule]:
    return {key: rule for rule in known for key in (rule.code, rule.name)}


def suggest_rule(code_or_name: str) -> str:
    """Say which rule was probably meant, or how to find it."""
    from airbrick.contract import suggest

    nearest = suggest(code_or_name, [name for rule in all_rules() for name in (rule.code, rule.name)])
    return f"did you mean {nearest}?" if nearest else "`airbrick rule --all` lists the rules"


def matching(selector: str, among: Sequence[Listed], *, source: str) -> frozenset[str]:
    """Give the codes a selector stands for.

    :param selector: a code, the beginning of codes, a name, ``recommended``, ``strict`` or ``ALL``.
    :param source: where it was written, for the error.
    :raises SelectorError: it stands for no rule.
    """
    preset = PRESETS.get(selector)
    if preset is not None:
        return frozenset(rule.code for rule in among if rule.preset in preset)
    wanted, prefix = selector.strip(), selector.upper()
    exact = frozenset(rule.code for rule in among if rule.code == wanted.upper() or rule.name == wanted.lower())
    if exact:
        return exact
    found = frozenset(rule.code for rule in among if len(prefix) > 2 and rule.code.startswith(prefix))  # noqa: PLR2004 - "DBX" at least
    if found:
        return found
    from airbrick.contract import suggest

    candidates = [*PRESETS, *(rule.code for rule in among), *(rule.name for rule in among)]
    raise SelectorError(selector, source=source, suggestion=suggest(selector, candidates))


def selected(select: Iterable[str], ignore: Iterable[str], among: Sequence[Listed]) -> frozenset[str]:
    """Give the codes of the rules that are on.

    A more precise ``select`` wins over a broader ``ignore``: selecting ``DBX101`` and ignoring ``DBX1``
    leaves DBX101 on.

    :raises SelectorError: a selector stands for no rule.
    """
    on: dict[str, int] = {}
    off: dict[str, int] = {}
    for selectors, target, source in ((select, on, "select"), (ignore, off, "ignore")):
        for selector in selectors:
            codes = matching(selector, among, source=source)
            for code in codes:
                target[code] = min(target.get(code, len(among)), len(codes))
    return frozenset(code for code, breadth in on.items() if code not in off or breadth < off[code])
