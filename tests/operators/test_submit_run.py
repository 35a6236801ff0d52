"""One-time runs and notebooks, with the guarantees of every run."""

from typing import Any

import pytest
from tests.operators.helpers import posts
from tests.operators.tasks import Airflow

from airbrick.emulator import Emulator
from airbrick.operators.submission.record import RecordStore

SUBMIT = "/api/2.2/jobs/runs/submit"
TASKS = [{"task_key": "load", "notebook_task": {"notebook_path": "/load", "source": "WORKSPACE"}}]
ETL = f'SubmitRunOperator(task_id="etl", tasks={TASKS!r}, retries=3)'


def one_time_runs(workspace: Emulator) -> set[int]:
    return {run["run_id"] for run in _listed(workspace)}


def _listed(workspace: Emulator) -> list[dict[str, Any]]:
    from tests.operators.helpers import api

    found: list[dict[str, Any]] = api(workspace, "GET", "/api/2.2/jobs/runs/list?run_type=SUBMIT_RUN").get("runs", [])
    return found


def test_a_one_time_run_is_watched_to_its_end_and_returns_its_result(airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(run_s=60, output='{"rows": 3}')
    task = airflow.dag_run(ETL)
    deferred = task.attempt()
    assert deferred.state == "deferred", deferred.error
    ended = task.to_the_end(deferred)
    assert ended.state == "success", ended.error
    xcoms = task.xcoms()
    assert xcoms["return_value"] == {"rows": 3}
    assert one_time_runs(workspace) == {xcoms["run_id"]}
    assert xcoms["run_page_url"].startswith(workspace.host)


@pytest.mark.parametrize("call", [1, 2])
def test_a_worker_that_dies_around_the_request_leaves_one_run(
    call: int, airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.plan(run_s=100)
    task = airflow.dag_run(ETL)
    write, calls = RecordStore.write, 0

    def dying(self: RecordStore, record: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise SystemExit(1)
        write(self, record)

    with monkeypatch.context() as patched:
        patched.setattr(RecordStore, "write", dying)
        assert task.attempt().state == "up_for_retry"
    ended = task.to_the_end(task.attempt())
    assert ended.state == "success", ended.error
    assert one_time_runs(workspace) == {task.xcoms()["run_id"]}


def test_a_lost_answer_leaves_one_run(airflow: Airflow, workspace: Emulator) -> None:
    workspace.fault("lost_ack", path=SUBMIT, times=2)
    task = airflow.dag_run(ETL)
    assert task.to_the_end(task.attempt()).state == "success"
    assert posts(workspace, SUBMIT) == 3
    assert len(one_time_runs(workspace)) == 1


def test_clearing_while_a_one_time_run_goes_on_ends_it_before_the_next(airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(run_s=100_000)
    task = airflow.dag_run(ETL)
    assert task.attempt().state == "deferred"
    task.set_state("failed")
    task.clear()
    workspace.forget()
    workspace.plan(run_s=1)
    ended = task.to_the_end(task.attempt())
    assert ended.state == "success", ended.error
    results = sorted(run["state"].get("result_state", "") for run in _listed(workspace))
    assert results == ["CANCELED", "SUCCESS"]


def test_a_notebook_runs_with_its_parameters(airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(output="done")
    task = airflow.dag_run(
        'NotebookOperator(task_id="etl", notebook_path="/etl/load", base_parameters={"day": "{{ ds }}", "rows": 5})'
    )
    ended = task.to_the_end(task.attempt())
    assert ended.state == "success", ended.error
    (request,) = workspace.requests("POST", SUBMIT)
    (sent,) = request.body["tasks"]
    assert sent["notebook_task"]["base_parameters"]["rows"] == "5"
    assert len(sent["notebook_task"]["base_parameters"]["day"]) == 10
    assert task.xcoms()["return_value"] == "done"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("SubmitRunOperator(task_id='etl', tasks=[])", "tasks: are empty: give a list of tasks"),
        ("SubmitRunOperator(task_id='etl', tasks=[{}])", "tasks[0]: has no task_key"),
        (
            "SubmitRunOperator(task_id='etl', tasks=[{'task_key': 'a'}, {'task_key': 'a'}])",
            "tasks[1].task_key='a': is there twice",
        ),
        (
            "SubmitRunOperator(task_id='etl', tasks=[{'task_key': 'a', 'x': {1}}])",
            "tasks[0].x: is a set, which JSON cannot hold",
        ),
        (
            "SubmitRunOperator(task_id='etl', tasks=[{'task_key': 'a'}], settings={'idempotency_token': 'x'})",
            "settings.idempotency_token: is not a setting: the operator makes it",
        ),
        (
            "SubmitRunOperator(task_id='etl', tasks=[{'task_key': 'a'}], on_retry='repair')",
            'on_retry="repair": needs a job: one-time runs cannot be repaired',
        ),
        ("NotebookOperator(task_id='etl', notebook_path='load')", "notebook_path='load': does not fit its source"),
        ("NotebookOperator(task_id='etl', notebook_path='')", "notebook_path: is empty"),
        (
            "NotebookOperator(task_id='etl', notebook_path='load', source='GIT')",
            'git_source: is missing for source="GIT"',
        ),
        (
            "NotebookOperator(task_id='etl', notebook_path='/a', existing_cluster_id='1', new_cluster={})",
            "existing_cluster_id, new_cluster: both are given",
        ),
        (
            "NotebookOperator(task_id='etl', notebook_path='/a', base_parameters={'a': None})",
            "base_parameters['a']: is None",
        ),
        ("RepairRunOperator(task_id='etl', run_id='x')", "run_id: is not a number"),
        ("RepairRunOperator(task_id='etl', run_id=5, rerun_tasks='load')", "rerun_tasks: is not a list of task keys"),
        ("RepairRunOperator(task_id='etl', run_id=5, on_retry='fail')", 'on_retry="fail": is for operators that start'),
    ],
)
def test_a_mistake_is_found_at_parse(body: str, says: str, airflow: Airflow) -> None:
    _, path = airflow.write_dag(body)
    (text,) = airflow.parse(path).import_errors.values()
    assert says in text.strip().splitlines()[-1]
