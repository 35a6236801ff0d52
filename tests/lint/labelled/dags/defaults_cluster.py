"""The cluster is hidden in default_args."""
from datetime import datetime

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

default_args = {
    "owner": "ml",
    "databricks_conn_id": "dbx",
    "existing_cluster_id": "0909-090909-hello12",
    "retries": 1,
}

with DAG("defaults_cluster", default_args=default_args, schedule_interval="5 4 * * *", start_date=datetime(2022, 2, 2), catchup=False) as dag:
    feats = DatabricksSubmitRunOperator(task_id="feats", notebook_task={"notebook_path": "/Shared/feats"})
    train = DatabricksSubmitRunOperator(task_id="train", notebook_task={"notebook_path": "/Shared/train"}, timeout_seconds=3600)
    feats >> train
