"""The ledger ``docs/fidelity.md`` names a test for each behaviour, and has a row for each route."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

from airbrick.emulator.api import all_routes

HERE = Path(__file__).parent
LEDGER = HERE.parents[1] / "docs/fidelity.md"
KINDS = ("real", "simulated", "refused")


def rows() -> list[tuple[str, str, str, str]]:
    found = []
    for line in LEDGER.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 4 and cells[0] not in ("Behaviour", "---"):
            found.append((cells[0], cells[1].strip("`"), cells[2], cells[3].strip("`")))
    return found


@functools.cache
def known_tests() -> set[str]:
    names = set()
    for path in HERE.glob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names |= {f"{path.name}::{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef)}
    return names


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_row_has_a_kind_and_a_test_that_exists(row: tuple[str, str, str, str]) -> None:
    _, _, kind, test = row
    assert kind in KINDS
    assert test in known_tests()


def test_every_route_has_a_row_and_every_rows_route_exists() -> None:
    routes = {f"{route.method} {route.path}" for route in all_routes()}
    current = {route for route in routes if not re.search(r"/api/2\.1/jobs", route)}
    assert current == {row[1] for row in rows() if row[1]}
    assert {route.replace("/api/2.1/", "/api/2.2/") for route in routes - current} <= current
