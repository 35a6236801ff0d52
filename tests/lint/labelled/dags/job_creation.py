from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksCreateJobsOperator, DatabricksRunNowOperator
from airflow.providers.databricks.operators.databricks_repos import DatabricksReposUpdateOperator

job = {
    "name": "created-by-airflow",
    "tasks": [{"task_key": "main", "notebook_task": {"notebook_path": "/Shared/main"}, "environment_key": "default"}],
}

with DAG("job_creation", schedule=None, start_date=datetime(2024, 1, 1), default_args={"retries": 1}) as dag:
    create = DatabricksCreateJobsOperator(task_id="create", json=job)
    classic = DatabricksCreateJobsOperator(
        task_id="classic",
        name="classic",
        job_clusters=[{"job_cluster_key": "k", "new_cluster": {"spark_version": "11.3.x-scala2.12", "num_workers": 1, "data_security_mode": "SINGLE_USER"}}],
        tasks=[{"task_key": "main", "job_cluster_key": "k", "notebook_task": {"notebook_path": "/Shared/main"}}],
    )
    pull = DatabricksReposUpdateOperator(task_id="pull", repo_path="/Repos/production/etl", branch="main")
    run = DatabricksRunNowOperator(task_id="run", job_id=create.output, execution_timeout=timedelta(hours=1))
    [create, classic] >> pull >> run
