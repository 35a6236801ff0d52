"""One form for settings that mean the same."""

from collections import Counter
from collections.abc import Mapping
from itertools import accumulate
from typing import Any, Final

from airbrick.iac.settings.rule import RuleKind
from airbrick.iac.settings.shape import Shape
from airbrick.iac.values import UNKNOWN, Secret, Value, reveal

_SCALARS: Final = (str, int, float)


class Keyed(dict[str, Any]):
    """A keyed list in canonical form: elements by key, and where each stood in the list.

    :param positions: index in the original list by key.
    """

    def __init__(self, elements: Mapping[str, Any], positions: Mapping[str, int]) -> None:
        super().__init__(elements)
        self.positions = dict(positions)


def canonicalise(value: Value, shape: Shape) -> Value:
    """Give the canonical form: defaults and empties dropped, keyed lists by key, ids as text, names in one case.

    Two values mean the same to the API exactly when their canonical forms are equal. A keyed list
    becomes a :class:`Keyed` mapping; the result of a result is the same again.
    """
    if isinstance(value, _SCALARS):
        return _canonical_scalar(value, shape)
    if isinstance(value, Secret):
        return canonicalise(value.value, shape)
    if isinstance(value, Keyed):
        return Keyed({key: canonicalise(element, shape.item()) for key, element in value.items()}, value.positions)
    if isinstance(value, Mapping):
        return _canonical_members(value, shape)
    return _canonical_elements(value, shape) if isinstance(value, list) else _canonical_scalar(value, shape)


def is_empty(value: Value) -> bool:
    """Tell whether the API treats the value as absent."""
    return value is None or (not value and isinstance(value, (Mapping, list)))


def element_keys(elements: list[Value], shape: Shape) -> list[str]:
    """Give each element's key; a repeated or missing key gets its ordinal, so that none is lost."""
    keys: list[str] = []
    taken: Counter[str] = Counter()
    for element in elements:
        key = _key(element, shape.keys)
        if count := taken[key]:
            key = f"{key}#{count + 1}"
        keys.append(key)
        # A key counts for each key it may be an ordinal of: no two are ever the same.
        for name in accumulate(key.split("#"), "{}#{}".format) if "#" in key else (key,):
            taken[name] += 1
    return keys


def _key(element: Value, names: tuple[str, ...]) -> str:
    # Not the whole of it is revealed: this runs for each task of each job.
    if isinstance(element, Secret):
        return _key(element.value, names)
    if not isinstance(element, Mapping):
        return str(reveal(element))
    parts = [reveal(element.get(name)) for name in names]
    return "/".join("?" if part is UNKNOWN else str(part) for part in parts if part is not None)


def _canonical_members(value: Mapping[str, Value], shape: Shape) -> dict[str, Value]:
    members: dict[str, Value] = {}
    for key, item in value.items():
        inner = shape.member(key)
        canonical = canonicalise(item, inner)
        present = RuleKind.PRESENCE in inner.rules and item is not None
        if present or not (is_empty(canonical) or is_default(canonical, inner)):
            members[key] = canonical
    return members


def _canonical_elements(value: list[Value], shape: Shape) -> list[Value] | Keyed:
    item = shape.item()
    elements = [canonicalise(element, item) for element in value]
    if not shape.keys:
        return elements
    keys = element_keys(value, shape)
    return Keyed(dict(zip(keys, elements, strict=True)), {key: index for index, key in enumerate(keys)})


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
    if RuleKind.CASELESS in shape.rules and isinstance(value, str):
        return value.casefold()
    synonyms = shape.rules.get(RuleKind.SYNONYM, ())
    return next((same for name, same in synonyms if name == value), value)
