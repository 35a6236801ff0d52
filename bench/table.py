"""What every benchmark gives: figures of two contenders taken in turn, their ratio pair by pair, a table and JSON."""

import json
import math
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results"
_ALL_DIGITS = 100
LOAD_BEFORE = os.getloadavg()[0]
"""How many processes wanted a processor before the benchmarks began."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row: ours against a peer or a floor, measured in the same run.

    :param ours_s: seconds of each of our runs, or whatever ``unit`` says.
    :param other_s: those of the other's run that was taken beside it.
    :param wanted: what the row should show, for the page of documentation.
    :param unit: of the figures; empty where something is counted.
    """

    what: str
    ours: str
    other: str
    ours_s: tuple[float, ...]
    other_s: tuple[float, ...]
    wanted: str = ""
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """Give the median of the ratios of neighbouring runs; a drift of the machine cancels out."""
        pairs = zip(self.ours_s, self.other_s, strict=True)
        return statistics.median(ours / other if other else math.inf for ours, other in pairs)


def compare(
    what: str,
    *,
    ours: tuple[str, Callable[[], float]],
    other: tuple[str, Callable[[], float]],
    rounds: int,
    wanted: str = "",
) -> Comparison:
    """Measure two contenders in turn.

    :param ours: a name, and a function that does one run and gives its seconds.
    :param other: the same for the peer or floor.
    :param rounds: pairs that count, after one that does not.
    """
    ours[1](), other[1]()
    pairs = [(ours[1](), other[1]()) for _ in range(rounds)]
    ours_s, other_s = (tuple(pair[side] for pair in pairs) for side in (0, 1))
    return Comparison(what, ours[0], other[0], ours_s, other_s, wanted)


def report(name: str, comparisons: Sequence[Comparison]) -> None:
    """Print the table and write ``bench/results/<name>.json``."""
    print(f"\n{name}")
    for row in comparisons:
        ours, other = statistics.median(row.ours_s), statistics.median(row.other_s)
        print(f"  {row.what}")
        print(f"    {row.ours:<44} {_shown(ours, row.unit):>13}")
        print(f"    {row.other:<44} {_shown(other, row.unit):>13}")
        print(f"    {'ratio, median of ' + str(len(row.ours_s)) + ' pairs':<44} {row.ratio:>10.3g}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    document = {
        "benchmark": name,
        "commit": _commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "load": LOAD_BEFORE,
        "rows": [{**asdict(row), "ratio": row.ratio} for row in comparisons],
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def write_page(path: Path, title: str, about: str, names: Sequence[str]) -> None:
    """Write a page of documentation from what benchmarks left in ``bench/results``.

    :param about: what the reader must know of how it was measured; a paragraph.
    :param names: of the benchmarks; one that was not run is left out.
    """
    lines = [f"# {title}", "", about]
    for name in names:
        file = RESULTS / f"{name}.json"
        if not file.exists():
            continue
        found = json.loads(file.read_text(encoding="utf-8"))
        busy = f"{found['load']:.1f} of {found['cpus']} processors were wanted by others just before"
        lines += [
            "",
            f"`{name}` at {found['commit']} on {found['date'][:10]}, Python {found['python']}; {busy}.",
            "",
            "| What | airbrick | Beside it | Ratio | Wanted |",
            "|---|---|---|---|---|",
            *(_page_row(row) for row in found["rows"]),
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _page_row(row: dict[str, Any]) -> str:
    ours, other = (_shown(statistics.median(row[side]), row.get("unit", "s")) for side in ("ours_s", "other_s"))
    return f"| {row['what']} | {ours} | {row['other']}: {other} | {row['ratio']:.2f} | {row['wanted']} |"


def _shown(value: float, unit: str) -> str:
    if unit != "s":
        return f"{value:,.3g} {unit}".rstrip() if value < _ALL_DIGITS else f"{value:,.0f} {unit}".rstrip()
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.3g} ms"


def _commit() -> str:
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or "unknown"
