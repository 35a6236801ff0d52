"""The tables of the fault matrix: every cell, and a summary."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.iac.faults.kinds import KINDS
from tests.iac.faults.life import PHASES, Cell, Outcome
from tests.iac.faults.plans import FAULTS, Calls, every_cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "bench" / "results"
PAGE = ROOT / "docs" / "fault_rows.md"


def write_table(calls: Calls, outcomes: Mapping[Cell, Outcome], *, seconds: float) -> None:
    """Write ``bench/results/faults.md``, and the documents' page of all cells once all have been tried."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    wrong = {cell: outcome.wrong for cell, outcome in outcomes.items() if outcome.wrong}
    counted = f"{len(outcomes)} cells in {seconds / 60:.0f} minutes, {len(wrong)} wrong"
    lines = [
        f"Commit {commit.stdout.strip()}, {datetime.now(UTC):%Y-%m-%d}: {counted}.",
        "A blank has no such fault, as only a read can get an old answer, or was not tried.",
        "",
        *_summary(outcomes),
        "",
        *_cells(calls, outcomes),
        "",
        *(f"- {cell}: {'; '.join(said)[:2000]}" for cell, said in wrong.items()),
    ]
    text = "\n".join([*lines, ""])
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "faults.md").write_text(text, encoding="utf-8")
    if outcomes.keys() >= set(every_cell(calls)):
        PAGE.write_text(f"# Every cell of the fault matrix\n\n{text}", encoding="utf-8")


def _summary(outcomes: Mapping[Cell, Outcome]) -> Iterator[str]:
    yield f"| right of all | {' | '.join(FAULTS)} |"
    yield f"|---|{'---|' * len(FAULTS)}"
    for kind in KINDS:
        row = []
        for fault in FAULTS:
            mine = [outcome for cell, outcome in outcomes.items() if (cell.kind, cell.fault) == (kind.name, fault)]
            row.append(f"{sum(not outcome.wrong for outcome in mine)} of {len(mine)}" if mine else "")
        yield f"| {kind.name} | {' | '.join(row)} |"


def _cells(calls: Calls, outcomes: Mapping[Cell, Outcome]) -> Iterator[str]:
    yield f"| resource | phase | call | {' | '.join(FAULTS)} |"
    yield f"|---|---|---|{'---|' * len(FAULTS)}"
    for kind in KINDS:
        for phase in PHASES:
            for index, request in enumerate(calls.get((kind.name, phase), [])):
                cells = (outcomes.get(Cell(kind.name, phase, index, fault)) for fault in FAULTS)
                method, _, path = request.partition(" ")
                shown = f"{method} {path.rpartition('/')[2] if 'databricks' in kind.service else path.split('/')[3]}"
                yield f"| {kind.name} | {phase} | {shown} | {' | '.join(_said(cell) for cell in cells)} |"


def _said(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    if outcome.wrong:
        return "WRONG"
    return "same up" if outcome.passed else "next up"
