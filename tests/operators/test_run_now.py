import pytest
from tests.operators.helpers import Job, posts
from tests.operators.tasks import Airflow

from airbrick.emulator import Emulator

ETL = 'RunNowOperator(task_id="etl", job="nightly", job_parameters={"run_date": "{{ ds }}"})'


def test_a_deferred_task_runs_the_job_once_and_returns_its_result(
    airflow: Airflow, workspace: Emulator, job: Job
) -> None:
    workspace.plan(job="nightly", setup_s=30, run_s=60)
    task = airflow.dag_run(ETL)
    deferred = task.attempt()
    assert deferred.state == "deferred", deferred
    ended = task.to_the_end(deferred)
    assert ended.state == "success", ended.error
    assert posts(workspace) == 1
    xcoms = task.xcoms()
    assert xcoms["job_id"] == job.job_id
    assert xcoms["run_page_url"].startswith(workspace.host)
    assert xcoms["_link_RunLink"] == xcoms["run_page_url"]


def test_people_can_try_their_dag_with_dag_test_and_a_connection_from_the_database(
    airflow: Airflow, workspace: Emulator, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.models.connection import Connection
    from airflow.utils.session import create_session

    monkeypatch.delenv("AIRFLOW_CONN_DATABRICKS_DEFAULT")
    stored = Connection(
        conn_id="stored",
        conn_type="databricks",
        host=workspace.host,
        login=workspace.client_id,
        password=workspace.client_secret,
        extra={"service_principal_oauth": True},
    )
    with create_session() as session:
        session.add(stored)
    dag_id, path = airflow.write_dag('RunNowOperator(task_id="etl", job="nightly", databricks_conn_id="stored")')
    dag_run = airflow.parse(path).dags[dag_id].test()
    assert str(dag_run.state) == "success"
    assert posts(workspace) == 1
