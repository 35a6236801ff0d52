"""Databricks tutorial: run a notebook on a new cluster every day."""
from datetime import datetime

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

new_cluster = {
    "spark_version": "11.3.x-scala2.12",
    "node_type_id": "i3.xlarge",
    "num_workers": 2,
}

notebook_task = {"notebook_path": "/Users/jane.doe@example.com/PrepareData"}

with DAG(
    dag_id="tutorial_submit_run",
    schedule_interval="@daily",
    start_date=datetime(2023, 1, 1),
    catchup=False,
) as dag:
    first = DatabricksSubmitRunOperator(
        task_id="notebook_run",
        new_cluster=new_cluster,
        notebook_task=notebook_task,
    )
