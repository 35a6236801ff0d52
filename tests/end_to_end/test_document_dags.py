"""The DAGs of the operators' documents run, in a real Airflow with the local workspace."""

import json
import os
import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tests.emulator.provider.environment import CACHE
from tools.demo.airflow import Airflow, AirflowApi
from tools.demo.errors import ApiError
from tools.demo.folder import RunFolder
from tools.demo.http import call
from tools.demo.processes import Processes

from airbrick.contract import Contract, Job, Parameter, Task, Workspace, write
from airbrick.emulator import Emulator, SystemClock

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

DOCUMENTS = Path(__file__).parents[2] / "docs" / "operators"
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
_DAG = re.compile(r'\bDAG\("(\w+)"')
_WITHIN_S = 600.0
_T = TypeVar("_T")


def programs() -> dict[str, str]:
    """Give the documents' programs that hold DAGs, by file name."""
    found = [
        (path.stem, text) for path in sorted(DOCUMENTS.glob("*.md")) for text in _BLOCK.findall(path.read_text("utf-8"))
    ]
    return {f"{stem}_{number}.py": text for number, (stem, text) in enumerate(found) if "with DAG(" in text}


DAGS = sorted(dag_id for text in programs().values() for dag_id in _DAG.findall(text))


@dataclass
class Stage:
    """An Airflow with the documents' DAGs, all parsed and none begun."""

    processes: Processes
    workspace: Emulator
    airflow: Airflow
    api: AirflowApi
    events: Path

    def wait(self, look: Callable[[], _T | None], what: str) -> _T:
        deadline_s = time.monotonic() + _WITHIN_S
        while not (found := look()):
            self.processes.check()
            assert time.monotonic() < deadline_s, f"{what} (logs: {self.processes.logs})"
            time.sleep(0.25)
        return found

    def succeeded(self, dag_id: str) -> dict[str, Any]:
        """Wait for a run of a DAG to succeed."""

        def ended() -> dict[str, Any] | None:
            runs = self.api.runs(dag_id)
            assert not [run for run in runs if run["state"] == "failed"], f"{dag_id} (logs: {self.processes.logs})"
            return next((run for run in runs if run["state"] == "success"), None)

        return self.wait(ended, f"{dag_id} has not succeeded")

    def page(self) -> str:
        """Read the page of deferred tasks as a person who is signed in."""
        request = urllib.request.Request(f"{self.airflow.url}/airbrick/runs")
        request.add_header("Authorization", f"Bearer {self.api.token}")
        with urllib.request.urlopen(request, timeout=20) as answer:
            return str(answer.read().decode())

    def lineage(self, task: str) -> list[dict[str, Any]]:
        """Give the events that OpenLineage's provider sent at a task's end."""
        lines = self.events.read_text("utf-8").splitlines() if self.events.exists() else []
        events = [json.loads(line) for line in lines]
        return [event for event in events if event["eventType"] == "COMPLETE" and event["job"]["name"] == task]


def provision(workspace: Emulator, dags: Path) -> int:
    """Make the job that the documents name, and the contract that names it."""
    body = {
        "name": "nightly_orders",
        "max_concurrent_runs": 10,
        "parameters": [{"name": "run_date", "default": ""}],
        "tasks": [{"task_key": "clean", "notebook_task": {"notebook_path": "/clean", "source": "WORKSPACE"}}],
    }
    job_id: int = call("POST", f"{workspace.host}/api/2.2/jobs/create", body=body, token=workspace.token)["job_id"]
    job = Job(
        str(job_id),
        "nightly_orders",
        parameters={"run_date": Parameter("")},
        tasks={"clean": Task("notebook_task")},
    )
    contract = Contract("o", "dev", Workspace(workspace.host, workspace.workspace_id), jobs={"nightly_orders": job})
    write(dags / "airbrick.contract.dev.json", contract)
    workspace.plan(setup_s=1, run_s=12, output='{"rows": 3}')
    return job_id


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = RunFolder(tmp_path_factory.mktemp("documents"))
    with folder.occupied() as run_id, Emulator(clock=SystemClock()) as workspace:
        dags, events = folder.work / "dags", folder.work / "lineage.jsonl"
        dags.mkdir()
        job_id = provision(workspace, dags)
        for name, text in programs().items():
            here = text.replace("JobRunTrigger(job_id=123)", f"JobRunTrigger(job_id={job_id}, poll_interval_s=2)")
            (dags / name).write_text(here, encoding="utf-8")
        airflow = Airflow(home=folder.work / "airflow", dags=dags, logs=folder.logs / "airflow")
        connection = {"conn_type": "databricks", "host": workspace.host, "password": workspace.token}
        environ = airflow.environ(os.environ) | {
            "AIRFLOW_CONN_DATABRICKS_DEFAULT": json.dumps(connection),
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(
                {"type": "file", "log_file_path": str(events), "append": True}
            ),
            # Runs begin as they do for who follows the documents: when a DAG is unpaused.
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "True",
            "AIRFLOW__CORE__PARALLELISM": "4",
            # Else each of a dozen processes compiles Airflow anew.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(CACHE / "pycache"),
        }
        processes = Processes(run_id, folder.logs)
        try:
            airflow.migrate(processes, environ)
            airflow.start(processes, environ, "api-server", "scheduler", "triggerer", "dag-processor")
            begun = Stage(processes, workspace, airflow, AirflowApi("", ""), events)
            begun.wait(airflow.is_up, "Airflow is not up")
            begun.api = airflow.log_in()
            yield begun
        finally:
            processes.stop_all()


@pytest.fixture(scope="module")
def parsed(stage: Stage) -> Stage:
    def all_there() -> bool:
        assert stage.api.import_errors() == []
        return all(stage.api.dag(dag_id) for dag_id in DAGS)

    stage.wait(all_there, "the DAGs are not parsed")
    return stage


def test_each_dag_of_the_documents_is_run_here() -> None:
    assert DAGS == ["after_orders", "clusters", "nightly_orders", "waits_for_orders", "with_deadlines"]


@pytest.fixture(scope="module")
def begun(parsed: Stage) -> Stage:
    """Begin the DAGs' runs, once something waits for the asset that one of them writes to."""
    stage = parsed
    stage.api.unpause("after_orders")
    listed = {"path": "/api/2.2/jobs/runs/list"}
    stage.wait(lambda: stage.workspace.requests("GET", **listed), "nothing watches the job for the asset")
    for dag_id in ("nightly_orders", "with_deadlines", "clusters"):
        stage.api.unpause(dag_id)
    stage.api.trigger("clusters", "2026-01-15T00:00:00Z")

    def seen() -> str | None:
        try:
            page = stage.page()
        except (ApiError, OSError):
            return None
        return page if "nightly_orders.run" in page else None

    page = stage.wait(seen, "the deferred task is not on the page")
    assert re.search(r"run \d+</a>", page)
    return stage


def test_a_provisioned_job_runs_and_those_who_wait_for_it_go_on(begun: Stage) -> None:
    stage = begun
    nightly = stage.succeeded("nightly_orders")
    assert stage.api.xcom("nightly_orders", nightly["dag_run_id"], "run", "return_value") == {"rows": 3}
    stage.api.unpause("waits_for_orders")
    for dag_id in ("with_deadlines", "waits_for_orders", "after_orders"):
        stage.succeeded(dag_id)
    for dag_id in ("nightly_orders", "with_deadlines", "waits_for_orders"):
        assert len(stage.api.runs(dag_id)) == 1
    posts = stage.workspace.requests("POST", "/api/2.2/jobs/run-now")
    assert len({post.body["idempotency_token"] for post in posts}) == len(posts) == 2


def test_a_hook_answers_tasks_of_ones_own(begun: Stage) -> None:
    run_id = begun.succeeded("clusters")["dag_run_id"]
    for task in ("count", "count_without_blocking"):
        assert begun.api.xcom("clusters", run_id, task, "return_value") == 0


def test_openlineage_is_told_which_run_it_was(begun: Stage) -> None:
    nightly = begun.succeeded("nightly_orders")
    run_id = begun.api.xcom("nightly_orders", nightly["dag_run_id"], "run", "run_id")
    (event,) = begun.wait(lambda: begun.lineage("nightly_orders.run"), "no event of the task's end")
    facets = event["run"]["facets"]
    assert (facets["externalQuery"]["externalQueryId"], facets["airbrick_run"]["result"]) == (str(run_id), "SUCCESS")
    assert begun.workspace.token not in begun.events.read_text("utf-8")
