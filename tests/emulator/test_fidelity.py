"""The ledger ``docs/emulator/fidelity.md`` names a test for each behaviour, and has a row for each route."""

from __future__ import annotations

import ast
import functools
import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from airbrick.emulator.api import all_routes

HERE = Path(__file__).parent
LEDGER = HERE.parents[1] / "docs/emulator/fidelity.md"
# Older paths that are served as the newer ones are.
OLDER = {"/api/2.1/jobs/": "/api/2.2/jobs/", "/api/2.0/clusters/": "/api/2.1/clusters/"}
KINDS = ("real", "simulated", "refused")


class Row(NamedTuple):
    behaviour: str
    route: str
    kind: str
    test: str
    validated: str


def rows() -> list[Row]:
    lines = [line for line in LEDGER.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip().strip("`") for cell in line.split("|")[1:-1]] for line in lines]
    return [Row(*row) for row in cells if row[0] not in ("Behaviour", "---")]


@functools.cache
def known_tests() -> set[str]:
    names = set()
    for path in HERE.rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        file = path.relative_to(HERE).as_posix()
        names |= {f"{file}::{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef)}
    return names


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.behaviour)
def test_a_row_has_a_kind_and_a_test_that_exists(row: Row) -> None:
    assert row.kind in KINDS
    assert row.test in known_tests()
    if row.validated != "no":
        # A day stands only where the answers that a real workspace gave on it are kept.
        snapshot = HERE / "conformance" / "snapshots" / f"{row.test.partition('::')[2]}.json"
        assert json.loads(snapshot.read_text(encoding="utf-8"))["recorded"] == row.validated


def test_every_route_has_a_row_and_every_rows_route_exists() -> None:
    routes = {f"{route.method} {route.path}" for route in all_routes() if route.access != "process"}
    older = {route for route in routes if re.search("|".join(map(re.escape, OLDER)), route)}
    assert routes - older == {row.route for row in rows() if row.route}
    newer = {functools.reduce(lambda route, pair: route.replace(*pair), OLDER.items(), route) for route in older}
    assert newer <= routes - older
