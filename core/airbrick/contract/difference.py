"""What differs between two contracts, and what of it breaks DAGs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from airbrick.contract.model import Contract
from airbrick.contract.writer import to_document

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One place that differs.

    :param path: keys from the top of the document.
    :param old: the value in the first contract; ``None`` where there is none.
    :param new: the value in the second.
    """

    path: tuple[str, ...]
    kind: Kind
    old: Any = None
    new: Any = None

    @property
    def breaks(self) -> bool:
        """Whether a DAG that names what stood here is refused."""
        match self.path:
            case ("jobs" | "connections", _) | ("jobs", _, "parameters", _):
                return self.kind == "removed"
        return False


def compare(old: Contract, new: Contract) -> list[Change]:
    """List what differs, in the order of the document."""
    return list(_compare(to_document(old), to_document(new), ()))


def _compare(old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Change]:
    for key in sorted({*old, *new}):
        place = (*path, key)
        if key not in new:
            yield Change(place, "removed", old=old[key])
        elif key not in old:
            yield Change(place, "added", new=new[key])
        elif isinstance(old[key], Mapping) and isinstance(new[key], Mapping):
            yield from _compare(old[key], new[key], place)
        elif old[key] != new[key]:
            yield Change(place, "changed", old=old[key], new=new[key])
