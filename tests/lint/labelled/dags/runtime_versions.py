from datetime import datetime

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator, DatabricksSubmitRunOperator

A = {"retries": 2, "deferrable": True, "timeout_seconds": 3600}
with DAG("rt_current", schedule=None, start_date=datetime(2024, 1, 1), default_args=A):
    DatabricksSubmitRunOperator(task_id="t", notebook_task={"notebook_path": "/Shared/a"}, new_cluster={"spark_version": "16.4.x-scala2.13", "num_workers": 1, "data_security_mode": "USER_ISOLATION"})
with DAG("rt_old", schedule=None, start_date=datetime(2024, 1, 1), default_args=A):
    DatabricksSubmitRunOperator(task_id="t", notebook_task={"notebook_path": "/Shared/b"}, new_cluster={"spark_version": "13.2.x-scala2.12", "num_workers": 2, "data_security_mode": "USER_ISOLATION"})
with DAG("rt_ml", schedule=None, start_date=datetime(2024, 1, 1), default_args=A):
    DatabricksSubmitRunOperator(task_id="t", notebook_task={"notebook_path": "/Shared/c"}, new_cluster={"spark_version": "6.4.x-gpu-ml-scala2.11", "num_workers": 3})
