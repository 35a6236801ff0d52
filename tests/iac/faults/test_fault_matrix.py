"""Whatever fails, the next ``up`` mends it: no orphan, no duplicate, no secret leaked.

Each fault of the emulator, and kill -9 of the provider, at each REST call of each resource, under the real engine.
``make matrix`` runs every cell and writes the table; the tests run a slice that touches every resource and every fault.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.iac.faults.kinds import KINDS
from tests.iac.faults.life import Cell, Life, Outcome
from tests.iac.faults.plans import CLEAN, FAULTS, Plan, alone, every_cell, full, sliced
from tests.iac.faults.rack import new_rack
from tests.iac.faults.table import write_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.iac.project import Project
    from tests.iac.real_airflow import RealAirflow

    from airbrick.emulator import Emulator

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds the plugin by its connections"),
]

ALL = os.environ.get("AIRBRICK_MATRIX") == "full"
AT_ONCE = 12


@pytest.fixture
def live(
    project: Project, workspace: Emulator, airflow: RealAirflow, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Sequence[Plan]], Life]:
    """Run the life of racks beside racks without faults."""
    project.config(host=workspace.host, token=workspace.token)
    shutil.copy(Path(__file__).with_name("program.py"), project.folder / "__main__.py")
    # Each provider is a process of its own; users have what they import compiled already.
    project.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    project.environ["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.mktemp("compiled"))

    # The engine keeps a copy of the state of each `up`: what has been looked through need not be again.
    hunted: dict[Path, int] = {}

    def run(plans: Sequence[Plan]) -> Life:
        project.logs.clear()
        with ExitStack() as stack:
            racks = [
                new_rack(stack, plan.name, plan.group, folder=project.folder, airflow=airflow, faults=plan.faults)
                for plan in (*CLEAN, *plans)
            ]
            life = Life(project, racks, hunted)
            life.run()
        return life

    return run


def wrong(outcomes: dict[Cell, Outcome]) -> str:
    return "\n".join(f"{cell}: {said[:600]}" for cell, outcome in outcomes.items() for said in outcome.wrong)


@pytest.mark.skipif(ALL, reason="the full matrix has all of it")
def test_the_next_up_mends_what_a_fault_broke(live: Callable[[Sequence[Plan]], Life]) -> None:
    life = live(sliced())
    assert not life.wrong, "\n".join(life.wrong)
    assert not wrong(life.outcomes), wrong(life.outcomes)
    assert {cell.kind for cell in life.outcomes} == {kind.name for kind in KINDS}
    assert {cell.fault for cell in life.outcomes} == set(FAULTS)


@pytest.mark.skipif(not ALL, reason="runs for long: make matrix")
def test_the_next_up_mends_whatever_broke_at_any_call(live: Callable[[Sequence[Plan]], Life]) -> None:
    started_s = time.monotonic()
    clean = live([])
    calls, outcomes, without_faults = clean.calls, dict[Cell, Outcome](), clean.wrong

    def try_all(plans: Sequence[Plan]) -> None:
        for first in range(0, len(plans), AT_ONCE):
            life = live(plans[first : first + AT_ONCE])
            outcomes.update(life.outcomes)
            without_faults.extend(life.wrong)
            write_table(calls, outcomes, seconds=time.monotonic() - started_s)

    first, last = full(calls)
    try_all(first)
    try_all(last)
    try_all(alone(calls, (cell for cell in every_cell(calls) if cell not in outcomes)))
    assert not without_faults, "\n".join(without_faults)
    assert not wrong(outcomes), wrong(outcomes)
    assert set(every_cell(calls)) - outcomes.keys() == set()
