from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator, DatabricksSubmitRunOperator
from datetime import datetime, timedelta

args = {"retries": 2, "execution_timeout": timedelta(minutes=10), "wait_for_termination": False}

dag = DAG("ff_defaults", default_args=args, schedule="@hourly", start_date=datetime(2024, 1, 1), catchup=False, max_active_runs=1)
x = DatabricksRunNowOperator(task_id="x", job_name="x", dag=dag)
y = DatabricksRunNowOperator(task_id="y", job_name="y", dag=dag, wait_for_termination=True)
z = DatabricksSubmitRunOperator(task_id="z", dag=dag, json={"tasks": [{"task_key": "z", "notebook_task": {"notebook_path": "/Shared/z"}}]}, durable=False, wait_for_termination=True, deferrable=True, timeout_seconds=500)
