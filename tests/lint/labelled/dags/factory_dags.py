"""A DAG per team."""
from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator

BASE = {"retries": 1, "execution_timeout": timedelta(minutes=40)}


def create_dag(team, cron):
    with DAG(f"etl_{team}", schedule=cron, start_date=datetime(2024, 1, 1), catchup=False, max_active_runs=1, default_args=BASE) as dag:
        DatabricksNotebookOperator(task_id="etl", notebook_path=f"/Shared/{team}/etl", source="WORKSPACE", job_cluster_key="k", deferrable=True)
        DatabricksNotebookOperator(task_id="check", notebook_path=f"/Shared/{team}/check", source="WORKSPACE", job_cluster_key="k")
    return dag


globals()["etl_sales"] = create_dag("sales", "0 1 * * *")
globals()["etl_hr"] = create_dag("hr", "0 2 * * *")
