from datetime import timedelta

import pendulum
from airflow import DAG
from airflow.operators.empty import EmptyOperator
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator, DatabricksSubmitRunOperator
from airflow.providers.databricks.sensors.databricks_sql import DatabricksSqlSensor

with DAG(
    "fire_and_forget",
    schedule="0 3 * * *",
    start_date=pendulum.datetime(2024, 9, 1),
    max_active_runs=1,
    default_args={"retries": 1, "execution_timeout": timedelta(hours=1)},
):
    alone = DatabricksRunNowOperator(task_id="alone", job_name="export", wait_for_termination=False)
    into_nothing = DatabricksSubmitRunOperator(
        task_id="into_nothing",
        tasks=[{"task_key": "x", "notebook_task": {"notebook_path": "/Shared/x"}}],
        wait_for_termination=False,
    )
    end = EmptyOperator(task_id="end")
    watched = DatabricksRunNowOperator(task_id="watched", job_name="load", wait_for_termination=False)
    arrived = DatabricksSqlSensor(task_id="arrived", sql_endpoint_name="s", sql="SELECT 1 FROM main.load_done WHERE day = '{{ ds }}'", mode="reschedule")
    into_nothing >> end
    watched >> arrived
