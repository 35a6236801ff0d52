"""How linting grows with what is linted, as a ratio to libcst on the same text: the ratios should stay flat."""

import time
from collections.abc import Callable

import libcst

from airbrick.lint.engine import lint_text
from bench.table import Comparison, compare, report

HEAD = """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator
"""


def operators(count: int) -> str:
    """Give a DAG of many operators."""
    calls = "".join(f'    t{i} = DatabricksRunNowOperator(task_id="t{i}", job_id={i})\n' for i in range(count))
    return f'{HEAD}with DAG("d", schedule="@daily"):\n{calls}'


def lines(count: int) -> str:
    """Give a long DAG file of ordinary statements."""
    body = "".join(f'    x{i} = {{"a": {i}, "b": [f"{{x{max(i - 1, 0)}}}"]}} if {i} else None\n' for i in range(count))
    return f'{HEAD}with DAG("d"):\n{body}'


def chain(count: int) -> str:
    """Give one long chain of dependencies."""
    names = " >> ".join(f"t{i % 9}" for i in range(count))
    tasks = " = ".join(f"t{i}" for i in range(9))
    return f'{HEAD}with DAG("d"):\n    {tasks} = DatabricksRunNowOperator(task_id="t")\n    {names}\n'


def methods(count: int) -> str:
    """Give one long chain of method calls."""
    return f"{HEAD}x = y{'.f(1)' * count}\n"


def nesting(count: int) -> str:
    """Give deeply nested lists."""
    return f"{HEAD}x = {'[' * count}1{']' * count}\n"


SHAPES: dict[str, tuple[Callable[[int], str], tuple[int, ...]]] = {
    "lines": (lines, (1000, 3000, 10_000)),
    "operators": (operators, (500, 1500, 5000)),
    "links of a >> chain": (chain, (100, 300, 900)),
    "links of a method chain": (methods, (30, 100, 300)),
    "levels of nesting": (nesting, (20, 60, 90)),
}


def _timed(work: Callable[[str], object], text: str) -> Callable[[], float]:
    def once() -> float:
        start = time.perf_counter()
        work(text)
        return time.perf_counter() - start

    return once


def run() -> None:
    """Measure each shape at growing sizes."""
    rows: list[Comparison] = []
    for what, (make, sizes) in SHAPES.items():
        for size in sizes:
            text = make(size)
            ours = ("airbrick lint, every rule", _timed(lint_text, text))
            floor = ("libcst.parse_module", _timed(libcst.parse_module, text))
            rows.append(compare(f"{size} {what}", ours=ours, other=floor, rounds=3))
    report("lint_growth", rows)
