"""Whatever is killed or cleared: one active run at a time, none without need, and the task comes right."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.operators.chaos.cells import CELLS, Cell
from tests.operators.chaos.processes import AirflowProcesses, started, wait_for
from tests.operators.helpers import api, contract_of, provision

from airbrick.contract import write
from airbrick.emulator import Emulator, SystemClock

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

RUN_S, LONG_S = 25.0, 100_000.0
ALL = os.environ.get("AIRBRICK_MATRIX") == "full"
CHOSEN = [cell for cell in CELLS if ALL or cell.sliced]
RESULTS = Path(__file__).parents[3] / "bench" / "results" / "chaos.json"


@dataclass
class Outcome:
    """How a row ended.

    :param most_active: how many of its runs were active at the same time.
    """

    state: str
    runs: int
    cancelled: int
    most_active: int


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chaos")
    (path / "dags").mkdir()
    return path


@pytest.fixture(scope="session")
def outcomes(home: Path) -> Iterator[dict[str, Outcome]]:
    """Start Airflow once and run all rows side by side."""
    with Emulator(clock=SystemClock(speed=1.0)) as workspace:
        jobs = [provision(workspace, cell.key) for cell in CHOSEN]
        for cell in CHOSEN:
            # What is to be cancelled must not end by itself, however slow the machine is.
            workspace.plan(job=cell.key, setup_s=1, run_s=LONG_S if cell.cancelled else RUN_S)
        write(home / "dags" / "airbrick.contract.dev.json", contract_of(workspace, jobs))
        (home / "rows.json").write_text(json.dumps([_row(cell) for cell in CHOSEN]))
        shutil.copy(Path(__file__).with_name("dag_template.py"), home / "dags" / "chaos.py")
        connection = {"conn_type": "databricks", "host": workspace.host, "password": workspace.token}
        with started(home, {"databricks_default": json.dumps(connection)}) as airflow:
            found = _run(airflow, workspace, {cell.key: job.job_id for cell, job in zip(CHOSEN, jobs, strict=True)})
            RESULTS.parent.mkdir(parents=True, exist_ok=True)
            RESULTS.write_text(json.dumps({name: vars(outcome) for name, outcome in found.items()}, indent=1))
            yield found


def _row(cell: Cell) -> dict[str, Any]:
    step = cell.step
    return {
        "key": cell.key,
        "module": step.module if step else "",
        "owner": step.owner if step else "",
        "method": step.method if step else "",
        "call": step.call if step else 0,
        "signal": int(cell.signal),
    }


def _run(airflow: AirflowProcesses, workspace: Emulator, jobs: dict[str, int]) -> dict[str, Outcome]:
    dag_runs: dict[str, str] = {}
    for cell in CHOSEN:
        wait_for(lambda key=cell.key: airflow.knows(key), what=f"{cell.key} is parsed")  # type: ignore[misc]
        dag_runs[cell.key] = airflow.call("POST", f"{cell.key}/dagRuns", logical_date=None, conf={})["dag_run_id"]
    # One after the other: what is done for one row is seen by all that are deferred at the time.
    for cell in CHOSEN:
        if cell.act is not None:
            wait_for(
                lambda key=cell.key: _state(airflow, key, dag_runs[key], {"deferred"}),  # type: ignore[misc]
                what=f"{cell.key} is deferred",
            )
            workspace.plan(job=cell.key, setup_s=1, run_s=RUN_S)
            cell.act(airflow, cell.key, dag_runs[cell.key])
    return {cell.name: _outcome(airflow, workspace, cell, dag_runs[cell.key], jobs[cell.key]) for cell in CHOSEN}


def _state(airflow: AirflowProcesses, dag_id: str, run_id: str, states: set[str]) -> str | None:
    try:
        task = airflow.call("GET", f"{dag_id}/dagRuns/{run_id}/taskInstances/etl")
    except httpx.HTTPError:
        return None
    state = str(task["state"])
    return state if state in states else None


def _outcome(airflow: AirflowProcesses, workspace: Emulator, cell: Cell, run_id: str, job_id: int) -> Outcome:
    state = wait_for(
        lambda: _state(airflow, cell.key, run_id, {"success", "failed", "skipped"}), what=f"{cell.key} ends"
    )

    def settled() -> list[dict[str, Any]] | None:
        mine: list[dict[str, Any]] = api(workspace, "GET", f"/api/2.2/jobs/runs/list?job_id={job_id}").get("runs", [])
        return mine if all(run.get("end_time") for run in mine) else None

    mine = wait_for(settled, what=f"the runs of {cell.key} end", within_s=RUN_S + 90)
    spans = [(run["start_time"], run["end_time"]) for run in mine]
    most = max((sum(start <= moment < end for start, end in spans) for moment, _ in spans), default=0)
    cancelled = sum(run["state"].get("result_state") == "CANCELED" for run in mine)
    return Outcome(state, len(mine), cancelled, most)


@pytest.mark.parametrize("cell", CHOSEN, ids=lambda cell: cell.name)
def test_the_task_comes_right_with_one_run_at_a_time(cell: Cell, outcomes: dict[str, Outcome]) -> None:
    assert outcomes[cell.name] == Outcome(cell.state, cell.runs, cell.cancelled, 1)
