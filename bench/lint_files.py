"""Linting a DAG file against the one cost a linter on libcst cannot save: parsing it."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import airflow
import libcst

from airbrick.lint.engine import lint_text
from bench.table import compare, report


def corpus() -> list[str]:
    """Give the example DAGs of the installed Airflow packages."""
    files = sorted(Path(airflow.__file__).parent.rglob("example_dags/**/*.py"))
    texts = [path.read_text(encoding="utf-8") for path in files]
    return [text for text in texts if "airflow" in text]


def _seconds_per_file(texts: list[str], work: Callable[[str], object]) -> float:
    taken_s = []
    for text in texts:
        start = time.perf_counter()
        work(text)
        taken_s.append(time.perf_counter() - start)
    return statistics.fmean(taken_s)


def run() -> None:
    """Measure both over the whole corpus, in turn."""
    texts = corpus()
    lines = sum(text.count("\n") for text in texts)
    report(
        "lint_files",
        [
            compare(
                f"mean time of a file ({len(texts)} example DAGs of Airflow, {lines} lines)",
                ours=("airbrick lint, every rule", lambda: _seconds_per_file(texts, lint_text)),
                other=("libcst.parse_module alone", lambda: _seconds_per_file(texts, libcst.parse_module)),
                rounds=7,
                wanted="ratio ≤ 1.3",
            )
        ],
    )
