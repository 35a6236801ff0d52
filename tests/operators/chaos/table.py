"""Writes what the matrix found, for people and for machines."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.operators.chaos.cells import CELLS, Cell
from tests.operators.chaos.matrix import Row
from tests.operators.chaos.steps import OFFICIAL, OURS

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "bench" / "results"
PAGE = ROOT / "docs" / "operators" / "chaos_rows.md"


def verdict(row: Row | None) -> str:
    """Say in a few words how a row came out."""
    if row is None or row.outcome is None:
        return "not run"
    return "; ".join(row.outcome.faults(row.cell)) or "right"


def write(rows: Sequence[Row], *, what: str, took_s: float) -> None:
    """Write ``bench/results/chaos.json`` and ``chaos.md``, and the documents' page of all rows once all have run."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    found = {(row.cell.name, row.operator): row for row in rows}
    cells = list({row.cell.name: row.cell for row in rows}.values())
    said = {cell.name: {name: verdict(found.get((cell.name, name))) for name in (OURS, OFFICIAL)} for cell in cells}
    head: dict[str, Any] = {
        "commit": _commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": what or "slice",
        "seconds": round(took_s),
        "right": {name: sum(row[name] == "right" for row in said.values()) for name in (OURS, OFFICIAL)},
    }
    outcomes = {f"{row.cell.name} / {row.operator}": asdict(row.outcome) for row in rows if row.outcome is not None}
    (RESULTS / "chaos.json").write_text(json.dumps(head | {"verdicts": said, "outcomes": outcomes}, indent=1) + "\n")
    lines = [
        (
            f"Commit {head['commit']}, {head['date']}: {len(cells)} rows in {took_s / 60:.0f} minutes; right are "
            f"{head['right'][OURS]} with airbrick and {head['right'][OFFICIAL]} with the official provider."
        ),
        "",
        "| kind | rows | right with airbrick | right with the official provider |",
        "| --- | --- | --- | --- |",
        *_by_kind(cells, said),
        "",
        "| what happens | airbrick | official provider |",
        "| --- | --- | --- |",
        *(f"| {name} | {row[OURS]} | {row[OFFICIAL]} |" for name, row in said.items()),
    ]
    text = "\n".join(lines) + "\n"
    (RESULTS / "chaos.md").write_text(text, encoding="utf-8")
    if len(said) == len(CELLS) and not any("not run" in row.values() for row in said.values()):
        PAGE.write_text(f"# Every row of the chaos matrix\n\n{text}", encoding="utf-8")


def _by_kind(cells: Sequence[Cell], said: dict[str, dict[str, str]]) -> list[str]:
    lines = []
    for kind in dict.fromkeys(cell.kind for cell in cells):
        names = [cell.name for cell in cells if cell.kind == kind]
        right = (sum(said[name][operator] == "right" for name in names) for operator in (OURS, OFFICIAL))
        lines.append(f"| {kind} | {len(names)} | {' | '.join(map(str, right))} |")
    return lines


def _commit() -> str:
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or "unknown"
