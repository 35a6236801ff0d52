from datetime import timedelta

import pendulum
from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunDeferrableOperator
from astronomer.providers.databricks.operators.databricks import DatabricksRunNowOperatorAsync

with DAG("legacy_async", schedule="@daily", start_date=pendulum.datetime(2023, 1, 1), catchup=False, max_active_runs=1, default_args={"retries": 2}) as dag:
    sub = DatabricksSubmitRunDeferrableOperator(
        task_id="sub",
        tasks=[{"task_key": "t", "notebook_task": {"notebook_path": "/Shared/t"}}],
        timeout_seconds=1800,
    )
    now = DatabricksRunNowOperatorAsync(task_id="now", job_name="nightly")
    sub >> now
