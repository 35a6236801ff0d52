"""What is still known where ways of the program meet, and copies that later changes do not touch."""

from airbrick.lint.facts.values import (
    Absent,
    DictValue,
    Entry,
    Fact,
    Known,
    ListValue,
    OneOf,
    Pattern,
    Reference,
    Unknown,
)

_SCALARS = (str, int, float, bytes, type(None), Pattern)
_DEPTH = 12
"""Levels of nested dicts and lists that are compared and copied."""

_MAX_ALTERNATIVES = 12


def join(left: Fact, right: Fact, depth: int = 0) -> Fact:
    """Give what holds whichever of two facts comes true."""
    if left is right:
        return left
    if isinstance(left, Absent) and isinstance(right, Absent):
        return left
    if not isinstance(left, Known) or not isinstance(right, Known):
        return _unsure(left, right)
    return _join_values(left, right, depth) or _one_of(left, right)


def _one_of(left: Known, right: Known) -> Fact:
    alternatives: list[Known] = []
    for fact in (left, right):
        for single in fact.value.alternatives if isinstance(fact.value, OneOf) else (fact,):
            if not any(_join_values(single, other, _DEPTH) for other in alternatives):
                alternatives.append(single)
    if len(alternatives) > _MAX_ALTERNATIVES:
        return Unknown("it is set differently on many ways through the code", left.where)
    return Known(OneOf(tuple(alternatives)), left.where)


def _unsure(left: Fact, right: Fact) -> Fact:
    for fact in (left, right):
        if isinstance(fact, Unknown):
            return fact
    where = next((fact.where for fact in (left, right) if isinstance(fact, Known)), None)
    return Unknown("it is set on some ways through the code only", where)


def _join_values(  # noqa: PLR0911 - one return for each pair of kinds
    left: Known, right: Known, depth: int
) -> Known | None:
    first, second = left.value, right.value
    if first is second:
        return left
    if isinstance(first, _SCALARS) and type(first) is type(second) and first == second:
        return left
    if isinstance(first, Reference) and isinstance(second, Reference):
        return Known(Reference(tuple(dict.fromkeys(first.names + second.names)), first.home), left.where)
    # The None is what an except ImportError binds.
    if isinstance(first, Reference) and second is None:
        return left
    if first is None and isinstance(second, Reference):
        return right
    if depth < _DEPTH and isinstance(first, DictValue) and isinstance(second, DictValue):
        return Known(_join_dicts(first, second, depth + 1), left.where)
    if depth < _DEPTH and isinstance(first, ListValue) and isinstance(second, ListValue):
        return Known(_join_lists(first, second, depth + 1), left.where)
    return None


def _join_dicts(left: DictValue, right: DictValue, depth: int) -> DictValue:
    joined = DictValue(open=left.open or right.open, region=left.region)
    for key in dict.fromkeys([*left.entries, *right.entries]):
        entry = left.entries.get(key) or right.entries[key]
        joined.entries[key] = Entry(join(left.get(key), right.get(key), depth), entry.key_place)
    return joined


def _join_lists(left: ListValue, right: ListValue, depth: int) -> ListValue:
    opened = left.open or right.open
    if len(left.items) != len(right.items):
        opened = opened or Unknown("its length differs on different ways through the code")
    items = [join(a, b, depth) for a, b in zip(left.items, right.items, strict=False)]
    return ListValue(items, opened, left.kind, left.region)


def snapshot(fact: Fact, depth: int = 0) -> Fact:
    """Copy a fact, so that later changes of its dicts and lists do not reach the copy."""
    if not isinstance(fact, Known) or depth >= _DEPTH:
        return fact
    value = fact.value
    if isinstance(value, DictValue):
        return Known(copy_dict(value, depth + 1), fact.where)
    if isinstance(value, ListValue):
        items = [snapshot(item, depth + 1) for item in value.items]
        return Known(ListValue(items, value.open, value.kind, value.region), fact.where)
    return fact


def copy_dict(value: DictValue, depth: int = 1) -> DictValue:
    """Copy a dict and everything in it."""
    entries = {key: Entry(snapshot(entry.fact, depth), entry.key_place) for key, entry in value.entries.items()}
    return DictValue(entries, value.open, value.region)
