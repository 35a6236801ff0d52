from datetime import datetime, timedelta

from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator
from airflow.sdk import DAG, Asset

orders = Asset("s3://lake/orders")

with DAG("on_orders", schedule=[orders], start_date=datetime(2025, 1, 1), default_args={"retries": 1}) as on_orders:
    DatabricksNotebookOperator(
        task_id="model", notebook_path="/Shared/model", source="WORKSPACE", job_cluster_key="k",
        deferrable=True, execution_timeout=timedelta(hours=1),
    )

with DAG("by_hand", default_args={"retries": 1}) as by_hand:
    DatabricksNotebookOperator(
        task_id="backfill", notebook_path="/Shared/backfill", source="WORKSPACE", job_cluster_key="k", deferrable=True)

with DAG("one_time", schedule="@once", start_date=datetime(2025, 1, 1), default_args={"retries": 1}) as one_time:
    DatabricksNotebookOperator(
        task_id="seed", notebook_path="/Shared/seed", source="WORKSPACE", job_cluster_key="k", execution_timeout=timedelta(minutes=20))
