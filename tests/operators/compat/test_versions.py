"""The operators on earlier versions of Airflow, each in an environment of its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.operators.helpers import api, contract_of, provision, runs

from airbrick.contract import write
from airbrick.emulator import Emulator, SystemClock

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
ROOTS = ("operators", "core")
# Airflow 3.2.2 cannot run its own API server with the libraries of today.
VERSIONS = ("3.1",)
DAG = """
from datetime import UTC, datetime
from airflow.sdk import DAG
from airbrick.operators import JobRunSensor, NotebookOperator, RunNowOperator, SqlStatementOperator

start = {"schedule": None, "start_date": datetime(2026, 1, 1, tzinfo=UTC)}
with DAG("deferred", **start):
    RunNowOperator(task_id="etl", job="nightly", job_parameters={"run_date": "{{ ds }}"}, poll_interval=1)
with DAG("in_the_worker", **start):
    RunNowOperator(task_id="etl", job="nightly", deferrable=False, poll_interval=1)
with DAG("notebook", **start):
    NotebookOperator(task_id="etl", notebook_path="/load", poll_interval=1)
with DAG("sensor", **start):
    JobRunSensor(task_id="etl", job="nightly", since="2020-01-01T00:00:00+00:00", poll_interval=1)
with DAG("statement", **start):
    SqlStatementOperator(task_id="etl", statement="select 1", warehouse_id="WAREHOUSE", poll_interval=1)
"""


def environment(version: str) -> Path:
    """Give the Python of an environment with that Airflow, made from its lock when it is first needed."""
    folder, lock = ROOT / ".tools" / f"airflow-{version}", ROOT / "requirements" / f"airflow-{version}.txt"
    python, ready = folder / "bin" / "python", folder / ".ready"
    if ready.exists() and ready.stat().st_mtime > lock.stat().st_mtime:
        return python
    uv = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], check=True)
    install = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(lock)]
    subprocess.run(install, check=True)
    ready.touch()
    return python


def run_on(python: Path, home: Path, workspace: Emulator) -> dict[str, Any]:
    dags = home / "dags"
    dags.mkdir()
    job = provision(workspace, "nightly", parameters={"run_date": ""})
    write(dags / "airbrick.contract.dev.json", contract_of(workspace, [job]))
    (warehouse, *_) = api(workspace, "GET", "/api/2.0/sql/warehouses")["warehouses"]
    (dags / "dags.py").write_text(DAG.replace("WAREHOUSE", warehouse["id"]))
    connection = {"conn_type": "databricks", "host": workspace.host, "password": workspace.token}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PYTHON"))}
    answer = subprocess.run(
        [str(python), "-W", "ignore", str(Path(__file__).with_name("run_dag.py")), str(dags)],
        env=kept
        | {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
            "AIRFLOW_CONN_DATABRICKS_DEFAULT": json.dumps(connection),
            "PYTHONPATH": os.pathsep.join(str(ROOT / root) for root in ROOTS),
        },
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_runs_are_started_once_and_seen_to_their_end(version: str, tmp_path: Path) -> None:
    python = environment(version)
    with Emulator(clock=SystemClock(speed=20.0)) as workspace:
        workspace.plan(setup_s=1, run_s=20)
        workspace.plan_statement(run_s=20, columns=[["n", "INT"]], rows=[["1"]])
        found = run_on(python, tmp_path, workspace)
        assert found["airflow"].startswith(version)
        assert set(found["states"].values()) == {"success"}, found
        assert len(runs(workspace)) == 3
        assert found["waiting"] == 0
