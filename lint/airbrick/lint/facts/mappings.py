"""The algebra of dicts and lists: displays, merges, and changes in place."""

from collections.abc import Hashable

from airbrick.lint.facts.joining import join
from airbrick.lint.facts.values import (
    Absent,
    DictValue,
    Entry,
    Fact,
    Known,
    ListValue,
    Place,
    Region,
    Unknown,
)


def key_of(fact: Fact) -> Hashable | None:
    """Give a key that can be looked up; ``None`` when it is not known or no plain value."""
    if isinstance(fact, Known) and isinstance(fact.value, str | int | float | bytes):
        return fact.value
    return None


def put(target: DictValue, key: Fact, value: Fact, *, key_place: Place | None, region: Region | None) -> None:
    """Assign an item.

    :param region: where the assignment stands; within a branch it may not happen.
    """
    name = key_of(key)
    if name is None:
        target.open = target.open or Unknown("it has keys that are computed", key_place)
        return
    target.entries[name] = Entry(_weaken(target, name, value, region), key_place)


def merge(target: DictValue, other: Fact, *, region: Region | None) -> None:
    """Take over the entries of another dict, which win."""
    if isinstance(other, Known) and isinstance(other.value, DictValue):
        for key, entry in list(other.value.entries.items()):
            target.entries[key] = Entry(_weaken(target, key, entry.fact, region), entry.key_place)
        if other.value.open is not None:
            open_up(target, other.value.open)
        return
    if isinstance(other, Known) and isinstance(other.value, ListValue):
        _merge_pairs(target, other.value, region)
        return
    open_up(target, other if isinstance(other, Unknown) else Unknown("it is merged with something that is no dict"))


def open_up(target: DictValue, why: Unknown) -> None:
    """Note that something unknown was merged into a dict: any key may be new or changed."""
    target.open = target.open or why
    for key, entry in list(target.entries.items()):
        target.entries[key] = Entry(Unknown(f"it may be replaced: {why.why}", why.where), entry.key_place)


def remove(target: DictValue, key: Fact, *, region: Region | None) -> Fact:
    """Take an entry out, as ``pop`` and ``del`` do, and give what it was."""
    name = key_of(key)
    if name is None:
        open_up(target, Unknown("a computed key is removed from it"))
        return Unknown("it is taken from a dict by a computed key")
    before = target.get(name)
    if is_sure(target, region):
        target.entries.pop(name, None)
    elif name in target.entries:
        target.entries[name] = Entry(Unknown("it is removed on some ways through the code"), None)
    return before


def _merge_pairs(target: DictValue, pairs: ListValue, region: Region | None) -> None:
    for pair in pairs.items:
        value = pair.value if isinstance(pair, Known) else None
        if isinstance(value, ListValue) and len(value.items) == 2 and value.open is None:  # noqa: PLR2004 - a pair
            key, fact = value.items
            place = key.where if isinstance(key, Known) else None
            put(target, key, fact, key_place=place, region=region)
        else:
            open_up(target, Unknown("it is built from pairs that are not known"))
    if pairs.open is not None:
        open_up(target, pairs.open)


def _weaken(target: DictValue, key: Hashable, value: Fact, region: Region | None) -> Fact:
    if is_sure(target, region):
        return value
    return join(target.get(key), value)


def is_sure(target: DictValue | ListValue, region: Region | None) -> bool:
    """Tell whether a change happens whenever the target exists."""
    return target.region is None or region is None or region.contains(target.region)


def append(target: ListValue, item: Fact, *, region: Region | None) -> None:
    """Append an item."""
    if is_sure(target, region):
        target.items.append(item)
    else:
        target.open = target.open or Unknown("it grows on some ways through the code")


def extend(target: ListValue, other: Fact, *, region: Region | None) -> None:
    """Append the items of another list."""
    if isinstance(other, Known) and isinstance(other.value, ListValue) and is_sure(target, region):
        target.items.extend(other.value.items)
        target.open = target.open or other.value.open
    else:
        target.open = target.open or Unknown("it is extended with items that are not known")


def any_of(container: DictValue) -> Fact:
    """Give what is read by a key that is not known: one of the values."""
    joined: Fact | None = None
    for entry in container.entries.values():
        joined = entry.fact if joined is None else join(joined, entry.fact)
    if joined is None or container.open is not None:
        return Unknown("it is read by a computed key")
    return joined


def item_of(container: object, key: Fact) -> Fact:
    """Read an item of a dict or a list."""
    if isinstance(container, DictValue):
        name = key_of(key)
        if name is None:
            return any_of(container)
        found = container.get(name)
        return Unknown(f"the dict has no key {name!r}") if isinstance(found, Absent) else found
    if isinstance(container, ListValue) and isinstance(key, Known) and isinstance(key.value, int):
        index = key.value
        if container.open is None and -len(container.items) <= index < len(container.items):
            return container.items[index]
        if container.open is not None and 0 <= index < len(container.items):
            return container.items[index]
    return Unknown("it is an item that is not known")
