from datetime import datetime, timedelta
from uuid import uuid4

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator, DatabricksSubmitRunOperator

run_stamp = f"{datetime.utcnow():%Y%m%d%H%M}"
start = (datetime.now() - timedelta(days=3)).replace(hour=0, minute=0)
payload = {"tasks": [{"task_key": "t", "notebook_task": {"notebook_path": "/Shared/t", "base_parameters": {"batch": run_stamp}}}], "timeout_seconds": 600}
label = uuid4().hex

with DAG("moving_defaults", schedule="@daily", start_date=start, catchup=False, max_active_runs=1, default_args={"retries": 2}) as dag:
    sub = DatabricksSubmitRunOperator(task_id="sub", json=payload, deferrable=True)
    now = DatabricksRunNowOperator(task_id="now", job_name="x", job_parameters={"batch": "{{ ts_nodash }}"}, execution_timeout=timedelta(hours=1))
    param = DatabricksRunNowOperator(task_id="param", job_name="x", python_params=["--batch", run_stamp], execution_timeout=timedelta(hours=1))
