from datetime import datetime, timedelta
from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

A = {"retries": 1, "execution_timeout": timedelta(minutes=90)}

with DAG("cancel_single", schedule="@hourly", start_date=datetime(2024, 1, 1), max_active_runs=1, default_args=A):
    DatabricksRunNowOperator(task_id="go", job_name="stream", cancel_previous_runs=True)
with DAG("cancel_many", schedule="@hourly", start_date=datetime(2024, 1, 1), max_active_runs=3, default_args=A):
    DatabricksRunNowOperator(task_id="go", job_name="stream", cancel_previous_runs=True)
with DAG("cancel_unlimited", schedule="@hourly", start_date=datetime(2024, 1, 1), default_args=A):
    DatabricksRunNowOperator(task_id="go", job_name="stream", cancel_previous_runs=True)
with DAG("cancel_off", schedule="@hourly", start_date=datetime(2024, 1, 1), max_active_runs=3, default_args=A):
    DatabricksRunNowOperator(task_id="go", job_name="stream", cancel_previous_runs=False)
