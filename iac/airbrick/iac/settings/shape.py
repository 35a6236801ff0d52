"""The shape of settings: the fields of the API's structures, joined with the rules about them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, cached_property
from importlib import resources
from typing import Any, Final, Literal

from airbrick.iac.settings.rule import LIMITS, Rule, RuleKind
from airbrick.iac.settings.rules import RULES

Kind = Literal["str", "int", "float", "bool", "any", "enum", "list", "map", "struct"]

_SCALARS: Final[Mapping[str, Kind]] = {"str": "str", "int": "int", "float": "float", "bool": "bool", "any": "any"}


@dataclass(frozen=True)
class Shape:
    """What the API knows about one place in the settings.

    :param kind: the kind of value that stands there.
    :param name: the structure or enumeration, where the kind is one.
    :param element: the shape of a list's or map's elements.
    :param rules: rules about the field this shape was reached by.
    :param members: the fields of a structure that is not one of databricks-sdk's.
    :param needed: those of ``members`` that it cannot go without.
    """

    kind: Kind
    name: str = ""
    element: "Shape | None" = None
    rules: Mapping[RuleKind, tuple[Any, ...]] = field(default_factory=dict)
    members: "Mapping[str, Shape] | None" = None
    needed: tuple[str, ...] = ()

    @cached_property
    def fields(self) -> Mapping[str, "Shape"]:
        """The fields of a structure; empty for anything else."""
        if self.members is not None:
            return self.members
        return _fields(self.name) if self.kind == "struct" else {}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The fields a structure cannot go without."""
        if self.members is not None:
            return self.needed
        return tuple(_catalog()["required"].get(self.name, ())) if self.kind == "struct" else ()

    @cached_property
    def choices(self) -> tuple[str, ...]:
        """The values of an enumeration that are known today."""
        return tuple(_catalog()["enums"].get(self.name, ())) if self.kind == "enum" else ()

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The fields that tell a keyed list's elements apart."""
        return self.rules.get(RuleKind.KEYED, ()) if self.kind == "list" else ()

    @cached_property
    def managed_with(self) -> tuple[str, ...]:
        """The fields that, when set, hand the structure's other fields to the server."""
        return _managed_with(self.name) if self.kind == "struct" else ()

    @cached_property
    def limits(self) -> tuple[RuleKind, ...]:
        """The rules that say what the API refuses."""
        return tuple(sorted(LIMITS & self.rules.keys()))

    def member(self, key: str) -> "Shape":
        """Give the shape of a field or of a map's value; free-form where nothing is known."""
        if self.kind == "map":
            return self.element or ANYTHING
        return self.fields.get(key, ANYTHING)

    def item(self) -> "Shape":
        """Give the shape of a list's elements."""
        return self.element or ANYTHING


ANYTHING: Final = Shape("any")
"""The shape of what airbrick does not know."""


@cache
def job_settings() -> Shape:
    """Give the shape of a job's settings."""
    return struct("JobSettings")


def struct(name: str) -> Shape:
    """Give the shape of one of the API's structures.

    :param name: as databricks-sdk names it, or as ``generate`` does where the SDK has no class.
    """
    return Shape("struct", name=name)


@cache
def _catalog() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        resources.files("airbrick.iac.settings").joinpath("api_fields.json").read_text(encoding="utf-8")
    )
    return document


@cache
def _fields(struct: str) -> Mapping[str, Shape]:
    described: Mapping[str, str] = _catalog()["structs"][struct]
    return {name: _parse(text, rules=_rules_for(struct, name)) for name, text in described.items()}


def _parse(text: str, *, rules: Mapping[RuleKind, tuple[Any, ...]]) -> Shape:
    head, _, rest = text.partition(":")
    if rest:
        return Shape("list" if head == "list" else "map", element=_parse(rest, rules={}), rules=rules)
    if head in _SCALARS:
        return Shape(_SCALARS[head], rules=rules)
    return Shape("enum" if head in _catalog()["enums"] else "struct", name=head, rules=rules)


def _rules_for(struct: str, name: str) -> Mapping[RuleKind, tuple[Any, ...]]:
    rows = [rule for rule in _by_struct().get(struct, ()) if fnmatchcase(name, rule.pattern.partition(".")[2])]
    # The row that names the field in full comes last and wins.
    rows.sort(key=lambda rule: "*" not in rule.pattern)
    return {rule.kind: rule.values for rule in rows if rule.kind is not RuleKind.MANAGED_WITH}


@cache
def _managed_with(struct: str) -> tuple[str, ...]:
    rows = _by_struct().get(struct, ())
    return tuple(value for rule in rows if rule.kind is RuleKind.MANAGED_WITH for value in rule.values)


@cache
def _by_struct() -> Mapping[str, tuple[Rule, ...]]:
    structs: dict[str, list[Rule]] = {}
    for rule in RULES:
        structs.setdefault(rule.pattern.partition(".")[0], []).append(rule)
    return {struct: tuple(rules) for struct, rules in structs.items()}
