"""Everything an operator of this platform would ask for."""
from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator, DatabricksSubmitRunOperator

DEFAULTS = {
    "owner": "data-platform",
    "retries": 3,
    "retry_delay": timedelta(minutes=5),
    "execution_timeout": timedelta(hours=2),
    "deferrable": True,
    "databricks_conn_id": "dbx_prod",
}

with DAG(
    dag_id="prod_clean_notebooks",
    default_args=DEFAULTS,
    schedule="15 2 * * *",
    start_date=pendulum.datetime(2025, 1, 1, tz="Europe/Amsterdam"),
    catchup=False,
    max_active_runs=1,
    tags=["databricks"],
):
    bronze = DatabricksNotebookOperator(task_id="bronze", notebook_path="/Shared/medallion/bronze", source="WORKSPACE", job_cluster_key="main")
    silver = DatabricksNotebookOperator(task_id="silver", notebook_path="/Shared/medallion/silver", source="WORKSPACE", job_cluster_key="main")
    gold = DatabricksSubmitRunOperator(
        task_id="gold",
        tasks=[{"task_key": "gold", "notebook_task": {"notebook_path": "/Shared/medallion/gold"}}],
        timeout_seconds=3600,
    )
    publish = DatabricksSubmitRunOperator(
        task_id="publish",
        tasks=[{"task_key": "publish", "notebook_task": {"notebook_path": "/Shared/medallion/publish"}}],
    )
    bronze >> silver >> gold >> publish
