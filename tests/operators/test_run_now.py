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
