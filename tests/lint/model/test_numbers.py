"""Numbers and lengths of time, compared with Python's own."""

import ast
from datetime import timedelta
from pathlib import Path

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.lint.facts.interpreter import HANDLERS, new_world
from airbrick.lint.facts.run import Run
from airbrick.lint.facts.values import Fact
from airbrick.lint.model.moving import moving
from airbrick.lint.model.numbers import is_nothing, is_something, number, seconds
from airbrick.lint.parsed import ParsedFile
from airbrick.lint.source import SourceFile

HEAD = "import os\nfrom datetime import datetime, timedelta\nfrom airflow.sdk import Variable\n"
UNITS = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")


def fact_of(expression: str) -> Fact:
    text = f"{HEAD}x = {expression}\n"
    run = Run(
        ParsedFile(SourceFile(Path("dag.py"), text), ast.parse(text), cst.parse_module(text)), HANDLERS, new_world()
    )
    run.execute(run.file.module.body)
    found = run.frame.local("x")
    assert found is not None
    return found


@given(st.dictionaries(st.sampled_from(UNITS), st.integers(-500, 500)))
def test_lengths_are_those_of_python(units: dict[str, int]) -> None:
    arguments = ", ".join(f"{unit}={amount}" for unit, amount in units.items())
    found = seconds(fact_of(f"timedelta({arguments})"))
    assert found == pytest.approx(timedelta(**units).total_seconds())


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("3", 3),
        ('"3"', 3),
        ("2 * 8", 16),
        ('int(os.getenv("X", 2))', 2),
        ('int(os.environ.get("X", "2"))', 2),
        ('int(Variable.get("x", default_var=5))', 5),
        ('os.getenv("X")', None),
        ("True", None),
        ('"three"', None),
        ("computed()", None),
        ("None", None),
    ],
)
def test_numbers_and_defaults(expression: str, expected: float | None) -> None:
    assert number(fact_of(expression)) == expected


@pytest.mark.parametrize(
    ("expression", "nothing", "something"),
    [
        ("None", True, False),
        ("0", True, False),
        ("5", False, True),
        ("timedelta(hours=1)", False, True),
        ("2 * timedelta(hours=1)", False, True),
        ("0 if os.getenv('X') else None", True, False),
        ("5 if os.getenv('X') else None", False, False),
        ("computed()", False, False),
    ],
)
def test_limits(expression: str, *, nothing: bool, something: bool) -> None:
    found = fact_of(expression)
    assert (is_nothing(found), is_something(found)) == (nothing, something)


@pytest.mark.parametrize(
    ("expression", "moves"),
    [
        ("datetime.now()", True),
        ("[{'a': f'{datetime.now()}'}]", True),
        ("(datetime.now() - timedelta(1)).replace(hour=0).isoformat()", True),
        ("datetime(2026, 1, 1) - timedelta(1)", False),
        ("datetime.now", False),
    ],
)
def test_what_the_clock_decides(expression: str, *, moves: bool) -> None:
    assert (moving(fact_of(expression)) is not None) is moves
