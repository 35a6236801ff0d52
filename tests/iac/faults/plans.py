"""Which faults each rack meets: all of them at every call, or the slice that the ordinary tests run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from tests.iac.faults.kinds import GROUPS, KINDS, Kind, kinds_of
from tests.iac.faults.life import PHASES, Cell
from tests.iac.faults.rack import KILL, Met

from airbrick.emulator.faults import PRESETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

STALE = "stale_read"
FAULTS = (*PRESETS, KILL)

Calls = dict[tuple[str, str], list[str]]
Unit = Sequence[Kind]


@dataclass(frozen=True, slots=True)
class Plan:
    """What one rack meets.

    :param cells: one for each kind and phase at most; none for a rack that shows what is wanted.
    :param calls: the calls of a clean phase, as far as they are known, by kind and phase.
    """

    name: str
    group: str
    cells: Sequence[Cell] = field(default_factory=tuple)
    calls: Calls = field(default_factory=dict)

    @property
    def faults(self) -> Mapping[str, Mapping[str, Met]]:
        found: dict[str, dict[str, Met]] = {}
        for cell in self.cells:
            before = self.calls.get((cell.kind, cell.phase), [])[: cell.call]
            # Only reads can get an old answer, and so only reads are counted until then.
            passed_over = [request for request in before if cell.fault == STALE and not request.startswith("GET ")]
            found.setdefault(cell.kind, {})[cell.phase] = Met(cell.fault, cell.call, cell.call - len(passed_over))
        return found


CLEAN = tuple(Plan(f"{group}-clean", group) for group in GROUPS)


def every_cell(calls: Calls) -> Iterator[Cell]:
    """Give each fault at each call; an old answer is there for reads alone."""
    for (kind, phase), requests in calls.items():
        for index, request in enumerate(requests):
            for fault in FAULTS:
                if fault != STALE or request.startswith("GET "):
                    yield Cell(kind, phase, index, fault)


def full(calls: Calls) -> tuple[list[Plan], list[Plan]]:
    """Pack all cells into racks, each with one fault.

    :returns: the racks to run first, and those whose faults come when the engine deletes what it has replaced: it does
        not get there where anything, in whichever rack, has failed before.
    """
    first: list[Plan] = []
    last: list[Plan] = []
    for number, fault in enumerate(FAULTS):
        cells = [cell for cell in every_cell(calls) if cell.fault == fault]
        for group in GROUPS:
            for units in _sharers(group, fault):
                for row in zip_longest(*_columns(calls, cells, units)):
                    mine = [cell for cell in row if cell is not None]
                    plans = last if any(_is_last(calls, cell) for cell in mine) else first
                    plans.append(Plan(f"{group}{len(first) + len(last)}-{number}", group, mine, calls))
    return first, last


def _columns(calls: Calls, cells: Sequence[Cell], units: Iterable[Unit]) -> Sequence[Sequence[Cell | None]]:
    """Give, for each unit and phase, the cells that its racks meet in turn; of all, the last ones begin together."""
    columns = [
        [cell for cell in cells if cell.phase == phase and cell.kind in {kind.name for kind in unit}]
        for unit in units
        for phase in PHASES
    ]
    found = [
        ([cell for cell in column if not _is_last(calls, cell)], [cell for cell in column if _is_last(calls, cell)])
        for column in columns
    ]
    level = max((len(first) for first, _ in found if first and first[0].phase == "replace"), default=0)
    return [[*first, *([None] * (level - len(first))), *last] if last else first for first, last in found]


def alone(calls: Calls, cells: Iterable[Cell]) -> list[Plan]:
    """Give each cell a rack of its own: what fails beside it may keep the engine from getting to its call."""
    groups = {kind.name: kind.group for kind in KINDS}
    return [
        Plan(f"{groups[cell.kind]}{number}-alone", groups[cell.kind], [cell], calls)
        for number, cell in enumerate(cells)
    ]


def _is_last(calls: Calls, cell: Cell) -> bool:
    """Tell whether a call deletes what was replaced: the engine does it when everything else has ended."""
    deletions = [request.startswith("DELETE ") or "delete" in request for request in calls[cell.kind, cell.phase]]
    return cell.phase == "replace" and not deletions[0] and any(deletions[: cell.call + 1])


def _sharers(group: str, fault: str) -> Iterable[Sequence[Unit]]:
    """Give the units that may meet a fault in one rack; of a unit's kinds, one in each phase.

    What comes after a failure in a contract is not reached: its kinds are a unit. A call that is held until the kill
    must not wait for another one that is held, and Airflow gets one write at a time.
    """
    kinds = kinds_of(group)
    contract = [kind for kind in kinds if kind.resource]
    units: list[Unit] = [*([contract] if contract else []), *([kind] for kind in kinds if not kind.resource)]
    if fault != KILL:
        return [units]
    alone = [unit for unit in units if unit[0].service == "airflow"]
    together = [unit for unit in units if unit not in alone]
    return [*([together] if together else []), *([unit] for unit in alone)]


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
