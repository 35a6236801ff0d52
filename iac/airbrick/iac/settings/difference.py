"""What changed between two settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from airbrick.iac.settings.canonical import Keyed, canonicalise
from airbrick.iac.settings.shape import Shape
from airbrick.iac.values import UNKNOWN, Path, Value, reveal


class ChangeKind(Enum):
    """How a place changed."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Change:
    """One place that changed.

    :param path: the place; indices are those of the new settings, of the old ones for a deletion.
    """

    path: Path
    kind: ChangeKind


def difference(old: Value, new: Value, shape: Shape) -> list[Change]:
    """List the changes from ``old`` to ``new``; empty when both mean the same to the API.

    Something unknown is a change: it may become anything.
    """
    changes: dict[Path, Change] = {}
    found = list(_compare(canonicalise(old, shape), canonicalise(new, shape), ()))
    plain = (reveal(old), reveal(new)) if found else ()
    for change in found:
        # A place has one entry in the engine's diff: one element that took another's place is an update, and so is
        # a default that one side spells out.
        replaced = change.path in changes
        kind = ChangeKind.UPDATE if replaced or all(_names(side, change.path) for side in plain) else change.kind
        changes[change.path] = Change(change.path, kind)
    return list(changes.values())


def _names(value: Value, path: Path) -> bool:
    """Tell whether a member of a mapping stands at the path."""
    if not path or isinstance(path[-1], int):
        return False
    for segment in path:
        held = isinstance(value, list) and isinstance(segment, int) and segment < len(value)
        if not held and not (isinstance(value, Mapping) and segment in value):
            return False
        value = value[segment]
    return value is not None


def _compare(old: Value, new: Value, path: Path) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict) and isinstance(old, Keyed) == isinstance(new, Keyed):
        yield from _compare_members(old, new, path)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _compare(before, after, (*path, index))
    elif new is UNKNOWN or old != new or isinstance(old, bool) != isinstance(new, bool):
        yield Change(path, ChangeKind.UPDATE)


def _compare_members(old: dict[str, Value], new: dict[str, Value], path: Path) -> Iterator[Change]:
    for key in [*new, *(key for key in old if key not in new)]:
        if key not in new:
            yield Change((*path, _position(old, key)), ChangeKind.DELETE)
        elif key not in old:
            yield Change((*path, _position(new, key)), ChangeKind.ADD)
        else:
            yield from _compare(old[key], new[key], (*path, _position(new, key)))


def _position(members: dict[str, Value], key: str) -> str | int:
    return members.positions[key] if isinstance(members, Keyed) else key
