"""Which faults each rack meets: all of them at every call, or the slice that the ordinary tests run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.iac.faults.kinds import GROUPS, KINDS, Kind, kinds_of
from tests.iac.faults.life import PHASES, Cell
from tests.iac.faults.rack import KILL

from airbrick.emulator.faults import PRESETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

STALE = "stale_read"
FAULTS = (*PRESETS, KILL)

Calls = dict[tuple[str, str], list[str]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What one rack meets.

    :param cells: one for each kind and phase at most; none for a rack that shows what is wanted.
    """

    name: str
    group: str
    cells: Sequence[Cell] = field(default_factory=tuple)

    @property
    def faults(self) -> Mapping[str, Mapping[str, tuple[str, int]]]:
        found: dict[str, dict[str, tuple[str, int]]] = {}
        for cell in self.cells:
            found.setdefault(cell.kind, {})[cell.phase] = (cell.fault, cell.call)
        return found


CLEAN = tuple(Plan(f"{group}-clean", group) for group in GROUPS)


def every_cell(calls: Calls) -> Iterator[Cell]:
    """Give each fault at each call; an old answer is there for reads alone."""
    for (kind, phase), requests in calls.items():
        for index, request in enumerate(requests):
            for fault in FAULTS:
                if fault != STALE or request.startswith("GET "):
                    yield Cell(kind, phase, index, fault)


def full(calls: Calls) -> list[Plan]:
    """Pack all cells into racks: one fault, one index, and every kind and phase that has such a call."""
    cells = list(every_cell(calls))
    packed: list[Plan] = []
    for number, fault in enumerate(FAULTS):
        for group in GROUPS:
            for sharers in _sharers(group, fault):
                names = {kind.name for kind in sharers}
                mine = [cell for cell in cells if cell.fault == fault and cell.kind in names]
                turns = {cell: (cell.call, fault == KILL and _is_last(calls, cell)) for cell in mine}
                for turn in sorted(set(turns.values())):
                    name = f"{group}{len(packed)}-{number}"
                    packed.append(Plan(name, group, [cell for cell in mine if turns[cell] == turn]))
    return packed


def alone(cells: Iterable[Cell]) -> list[Plan]:
    """Give each cell a rack of its own: what fails beside it may keep the engine from getting to its call."""
    groups = {kind.name: kind.group for kind in KINDS}
    return [Plan(f"{groups[cell.kind]}{number}-alone", groups[cell.kind], [cell]) for number, cell in enumerate(cells)]


def _is_last(calls: Calls, cell: Cell) -> bool:
    """Tell whether a call deletes what was replaced: the engine does it when all that is held at a create has ended."""
    deletions = [request.startswith("DELETE ") or "delete" in request for request in calls[cell.kind, cell.phase]]
    return cell.phase == "replace" and not deletions[0] and any(deletions[: cell.call + 1])


def _sharers(group: str, fault: str) -> Iterable[Sequence[Kind]]:
    """Give the kinds that may meet a fault together.

    A call that is held until the kill must not wait for another one that is held: Airflow gets one write at a time, and
    a contract's sinks wait for its jobs.
    """
    kinds = kinds_of(group)
    if fault != KILL:
        return [kinds]
    alone = [kind for kind in kinds if kind.resource or kind.service == "airflow"]
    together = [kind for kind in kinds if kind not in alone]
    return [*([together] if together else []), *([kind] for kind in alone)]


def sliced() -> list[Plan]:
    """Let the kinds of two groups meet the presets by turns, and kill the provider of the third."""
    presets = list(PRESETS)
    cells: dict[str, list[Cell]] = {group: [] for group in GROUPS}
    for number, kind in enumerate(KINDS):
        for turn, phase in enumerate(PHASES):
            if phase == "replace" and not kind.replaced:
                continue
            fault = presets[(number + 3 * turn) % len(presets)]
            if fault == STALE and phase != "refresh":
                fault = "lost_ack"
            if kind.group == "b":
                fault = KILL
            cells[kind.group].append(Cell(kind.name, phase, _write(kind, phase), fault))
    return [Plan(f"{group}-faulty", group, mine) for group, mine in cells.items()]


def _write(kind: Kind, phase: str) -> int:
    """Give the index of the first write: what is in a workspace is looked for before it is made."""
    return 1 if phase in ("create", "replace") and kind.service == "databricks" else 0
