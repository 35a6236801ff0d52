from datetime import datetime, timedelta

from airflow.decorators import dag, task
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator, DatabricksRunNowOperator

D = {"retries": 2, "execution_timeout": timedelta(hours=1)}


@dag(schedule="@daily", start_date=datetime(2024, 1, 1), max_active_runs=1, default_args=D)
def mapped():
    @task
    def regions() -> list:
        return [{"region": "eu"}, {"region": "us"}]

    DatabricksRunNowOperator.partial(task_id="free", job_name="region").expand(notebook_params=regions())
    DatabricksRunNowOperator.partial(
        task_id="capped",
        job_name="region",
        max_active_tis_per_dagrun=4,
    ).expand(notebook_params=regions())
    DatabricksNotebookOperator.partial(
        task_id="pooled", notebook_path="/Shared/r", source="WORKSPACE", job_cluster_key="k", deferrable=True, pool="dbx",
    ).expand(notebook_params=regions())
    DatabricksNotebookOperator.partial(
        task_id="capped_all", notebook_path="/Shared/r", source="WORKSPACE", job_cluster_key="k", deferrable=True, max_active_tis_per_dag=2,
    ).expand(notebook_params=regions())


mapped()
