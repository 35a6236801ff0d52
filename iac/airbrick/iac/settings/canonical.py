"""One form for settings that mean the same."""

from collections.abc import Mapping
from typing import Any

from airbrick.iac.settings.rule import RuleKind
from airbrick.iac.settings.shape import Shape
from airbrick.iac.values import UNKNOWN, Secret, Value, reveal


class Keyed(dict[str, Any]):
    """A keyed list in canonical form: elements by key, and where each stood in the list.

    :param positions: index in the original list by key.
    """

    def __init__(self, elements: Mapping[str, Any], positions: Mapping[str, int]) -> None:
        super().__init__(elements)
        self.positions = dict(positions)


def canonicalise(value: Value, shape: Shape) -> Value:
    """Give the canonical form: defaults and empties dropped, keyed lists by key, ids as text.

    Two values mean the same to the API exactly when their canonical forms are equal. A keyed list
    becomes a :class:`Keyed` mapping; the result of a result is the same again.
    """
    return _canonical(reveal(value), shape)


def is_empty(value: Value) -> bool:
    """Tell whether the API treats the value as absent."""
    return value is None or (isinstance(value, Mapping | list) and not value)


def element_keys(elements: list[Value], shape: Shape) -> list[str]:
    """Give each element's key; a repeated or missing key gets its ordinal, so that none is lost."""
    keys: list[str] = []
    for element in elements:
        key = _key(element, shape.keys)
        count = sum(1 for known in keys if known == key or known.startswith(f"{key}#"))
        keys.append(f"{key}#{count + 1}" if count else key)
    return keys


def _key(element: Value, names: tuple[str, ...]) -> str:
    # Not the whole of it is revealed: this runs for each task of each job.
    if isinstance(element, Secret):
        return _key(element.value, names)
    if not isinstance(element, Mapping):
        return str(reveal(element))
    parts = [reveal(element.get(name)) for name in names]
    return "/".join("?" if part is UNKNOWN else str(part) for part in parts if part is not None)


def _canonical(value: Value, shape: Shape) -> Value:
    if isinstance(value, str | int | float):
        return _canonical_scalar(value, shape)
    if isinstance(value, Keyed):
        members = {key: _canonical(element, shape.item()) for key, element in value.items()}
        return Keyed(members, value.positions)
    if isinstance(value, Mapping):
        return _canonical_members(value, shape)
    if isinstance(value, list):
        elements = [_canonical(element, shape.item()) for element in value]
        if not shape.keys:
            return elements
        keys = element_keys(value, shape)
        return Keyed(dict(zip(keys, elements, strict=True)), {key: index for index, key in enumerate(keys)})
    return _canonical_scalar(value, shape)


def _canonical_members(value: Mapping[str, Value], shape: Shape) -> dict[str, Value]:
    members: dict[str, Value] = {}
    for key, item in value.items():
        member_shape = shape.member(key)
        canonical = _canonical(item, member_shape)
        present = RuleKind.PRESENCE in member_shape.rules and item is not None
        if present or not (is_empty(canonical) or is_default(canonical, member_shape)):
            members[key] = canonical
    return members


def is_default(canonical: Value, shape: Shape) -> bool:
    """Tell whether a canonical value is what the API assumes when the field is absent."""
    if not shape.rules:
        return False
    defaults = shape.rules.get(RuleKind.DEFAULT, ())
    return any(
        canonical == default and isinstance(canonical, bool) == isinstance(default, bool) for default in defaults
    )


def _canonical_scalar(value: Value, shape: Shape) -> Value:
    if not shape.rules and not isinstance(value, float):
        return value
    if RuleKind.IDENTIFIER in shape.rules and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    synonyms = shape.rules.get(RuleKind.SYNONYM, ())
    return next((same for name, same in synonyms if name == value), value)
