"""Task values of a run, on a real Airflow and the local workspace."""

from typing import Any

import pytest
from tests.operators.helpers import Job, api
from tests.operators.tasks import Airflow

from airbrick.emulator import Emulator

ETL = 'RunNowOperator(task_id="etl", job="counts", task_values=True)'


def notebook(key: str, **parameters: str) -> dict[str, Any]:
    return {
        "task_key": key,
        "notebook_task": {"notebook_path": f"/{key}", "source": "WORKSPACE", "base_parameters": parameters},
    }


def provision_counts(workspace: Emulator, airflow: Airflow, *others: dict[str, Any]) -> None:
    tasks = [notebook("load"), *({**other, "depends_on": [{"task_key": "load"}]} for other in others)]
    created = api(workspace, "POST", "/api/2.2/jobs/create", name="counts", tasks=tasks)
    airflow.write_contract([Job("counts", created["job_id"])])


@pytest.fixture
def _planned(workspace: Emulator) -> None:
    workspace.plan(task="load", values={"rows": 3, "name": "Île", "unseen": 1})


@pytest.mark.usefixtures("_planned")
def test_values_that_tasks_refer_to_are_an_xcom(airflow: Airflow, workspace: Emulator) -> None:
    check = {
        "task_key": "any",
        "condition_task": {"op": "GREATER_THAN", "left": "{{tasks.load.values.rows}}", "right": "0"},
    }
    provision_counts(workspace, airflow, check, notebook("report", who="{{tasks.load.values.name}}"))
    task = airflow.dag_run(ETL)
    ended = task.to_the_end(task.attempt())
    assert ended.state == "success", ended.error
    assert task.xcoms()["task_values"] == {"load": {"rows": 3, "name": "Île"}}


@pytest.mark.usefixtures("_planned")
def test_a_run_of_many_tasks_is_read_to_its_last_page(airflow: Airflow, workspace: Emulator) -> None:
    others = [notebook(f"t{number:03}", n="1") for number in range(110)]
    provision_counts(workspace, airflow, *others, notebook("z", rows="{{tasks.load.values.rows}}"))
    task = airflow.dag_run(ETL)
    assert task.to_the_end(task.attempt()).state == "success"
    assert task.xcoms()["task_values"] == {"load": {"rows": 3}}


@pytest.mark.usefixtures("_planned")
def test_without_a_reference_there_is_nothing_to_read(airflow: Airflow, workspace: Emulator) -> None:
    provision_counts(workspace, airflow, notebook("report"))
    task = airflow.dag_run(ETL)
    assert task.to_the_end(task.attempt()).state == "success"
    assert task.xcoms()["task_values"] == {}


@pytest.mark.usefixtures("_planned")
@pytest.mark.parametrize("arguments", ["", "task_values=True, do_xcom_push=False"])
def test_values_that_nobody_asked_for_cost_no_request(arguments: str, airflow: Airflow, workspace: Emulator) -> None:
    provision_counts(workspace, airflow, notebook("report", rows="{{tasks.load.values.rows}}"))
    task = airflow.dag_run(f'RunNowOperator(task_id="etl", job="counts", {arguments})')
    assert task.to_the_end(task.attempt()).state == "success"
    assert "task_values" not in task.xcoms()
    looks = workspace.requests(path="/api/2.2/jobs/runs/get")
    assert looks
    assert not [look for look in looks if "include_resolved_values" in look.query]


def test_values_that_are_too_large_are_left_out(airflow: Airflow, workspace: Emulator) -> None:
    names = [f"v{number}" for number in range(40)]
    workspace.plan(task="load", values=dict.fromkeys(names, "x" * 40_000))
    provision_counts(
        workspace, airflow, notebook("report", **{name: f"{{{{tasks.load.values.{name}}}}}" for name in names})
    )
    task = airflow.dag_run(ETL)
    assert task.to_the_end(task.attempt()).state == "success"
    assert task.xcoms()["task_values_truncated"] is True
    assert "task_values" not in task.xcoms()
