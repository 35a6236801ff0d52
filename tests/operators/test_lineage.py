"""What OpenLineage's provider for Airflow makes of the operators: its own extractor asks them."""

import subprocess
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from tests.operators.helpers import runs
from tests.operators.tasks import Airflow, Ended, TaskUnderTest

from airbrick.emulator import Emulator


def extracted(task: TaskUnderTest, ended: Ended) -> Any:
    """Ask as the provider's listener does when a task has ended."""
    from airflow.providers.openlineage.extractors import ExtractorManager
    from airflow.utils.state import TaskInstanceState

    state = TaskInstanceState.SUCCESS if ended.state == "success" else TaskInstanceState.FAILED
    manager: Any = ExtractorManager
    return manager().extract_metadata(
        dagrun=SimpleNamespace(run_id=task.run_id),
        task=ended.operator,
        task_instance_state=state,
        task_instance=SimpleNamespace(task=ended.operator),
    )


def named(datasets: list[Any]) -> list[tuple[str, str]]:
    return [(dataset.namespace, dataset.name) for dataset in datasets]


def event_with(lineage: Any) -> str:
    """Write the facets as they are sent."""
    from openlineage.client.event_v2 import Job, Run, RunEvent
    from openlineage.client.serde import Serde

    run = Run("0198c0de-0000-7000-8000-000000000000", lineage.run_facets)
    job = Job("tests", "etl", lineage.job_facets)
    now = datetime.now(UTC).isoformat()
    text: str = Serde.to_json(RunEvent(eventTime=now, run=run, job=job, inputs=lineage.inputs, outputs=lineage.outputs))
    return text


def bare(workspace: Emulator) -> str:
    return f"databricks://{workspace.host.removeprefix('http://')}"


@pytest.mark.parametrize("deferrable", [True, False])
def test_a_run_is_named_with_its_end_and_its_times(deferrable: bool, airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(setup_s=20, run_s=60)
    task = airflow.dag_run(f'RunNowOperator(task_id="etl", job="nightly", deferrable={deferrable})')
    ended = task.to_the_end(task.attempt())
    lineage = extracted(task, ended)
    (run,) = runs(workspace)
    external, facet = lineage.run_facets["externalQuery"], lineage.run_facets["airbrick_run"]
    assert (external.externalQueryId, external.source) == (str(run["run_id"]), bare(workspace))
    assert (facet.runId, facet.jobId, facet.url) == (str(run["run_id"]), str(run["job_id"]), run["run_page_url"])
    # A run of several tasks has one duration, set-up included.
    assert (facet.result, facet.executionSeconds) == ("SUCCESS", 80.0)
    assert f'"runId": "{run["run_id"]}"' in event_with(lineage)


def test_a_run_that_failed_is_named_too(airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(result="FAILED", error="boom")
    task = airflow.dag_run('RunNowOperator(task_id="etl", job="nightly", retries=2)')
    ended = task.to_the_end(task.attempt())
    assert ended.state == "up_for_retry"
    facet = extracted(task, ended).run_facets["airbrick_run"]
    assert (facet.result, facet.terminationCode) == ("FAILED", "RUN_EXECUTION_ERROR")


def test_the_assets_that_the_dag_names_stay_the_lineage_of_a_run(airflow: Airflow, workspace: Emulator) -> None:
    task = airflow.dag_run(
        "from airflow.sdk import Asset\n"
        'RunNowOperator(task_id="etl", job="nightly", outlets=[Asset("file:///orders/daily.csv")])'
    )
    ended = task.to_the_end(task.attempt())
    assert named(extracted(task, ended).outputs) == [("file", "/orders/daily.csv")]


def test_a_task_that_never_had_a_run_says_nothing_of_one(airflow: Airflow, workspace: Emulator) -> None:
    airflow.connect(conn_type="databricks", host=workspace.host, password="dapi-wrong")
    task = airflow.dag_run('RunNowOperator(task_id="etl", job="nightly")')
    assert extracted(task, task.attempt()).run_facets == {}


def test_a_statement_is_named_with_its_text_and_its_tables(
    airflow: Airflow, workspace: Emulator, warehouse: str
) -> None:
    workspace.plan_statement(run_s=10)
    sql = "insert into sales.daily select * from orders where day = :day"
    task = airflow.dag_run(
        f'SqlStatementOperator(task_id="etl", statement={sql!r}, warehouse_id={warehouse!r}, '
        'catalog="main", schema="raw", parameters={"day": "2026-01-01"})'
    )
    ended = task.to_the_end(task.attempt())
    lineage = extracted(task, ended)
    external = lineage.run_facets["externalQuery"]
    assert (external.externalQueryId, external.source) == (task.xcoms()["statement_id"], bare(workspace))
    assert lineage.job_facets["sql"].query == sql
    assert named(lineage.inputs) == [(bare(workspace), "main.raw.orders")]
    assert named(lineage.outputs) == [(bare(workspace), "main.sales.daily")]
    assert "2026-01-01" not in event_with(lineage)


def test_without_the_provider_nothing_of_it_is_imported() -> None:
    program = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "openlineage" or name.startswith("airflow.providers.openlineage.extractors"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
from airbrick.operators import RunNowOperator, SqlStatementOperator
import airbrick.operators.execution, airbrick.operators.statement_execution
print(RunNowOperator(task_id="t", job_id=1).get_openlineage_facets_on_complete(None))
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert answer.stdout.splitlines()[-1:] == ["None"], answer.stderr
