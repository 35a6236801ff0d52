"""What the tests of the linter share."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.lint.workbench import A_FEW, Workbench

from airbrick.lint.registry import all_rules
from airbrick.lint.rule import Preset


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


@pytest.fixture(autouse=True)
def a_few_rules(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests of the engine see a few rules only, so that a new rule does not disturb them."""
    if "rule" in request.path.name or request.path.parent.name == "rules":
        return
    for rule in all_rules():
        if not rule.code.startswith(tuple(A_FEW)):
            monkeypatch.setattr(type(rule), "preset", Preset.ALL)
