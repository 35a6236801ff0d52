from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from airflow import DAG
from airflow.operators.python import PythonOperator
from airflow.providers.databricks.hooks.databricks import DatabricksHook
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator

if TYPE_CHECKING:
    import pandas as pd


def build_sql(table: str) -> str:
    return f"INSERT INTO {table} SELECT * FROM staging.{table}"


with DAG("python_tasks", schedule=None, start_date=datetime(2024, 1, 1)) as dag:
    submit = PythonOperator(task_id="submit", python_callable=lambda: DatabricksHook("dbx").run_now({"job_id": 12}))
    status = PythonOperator(task_id="status", python_callable=lambda: DatabricksHook("dbx").get_run_state(12).life_cycle_state)
    text = PythonOperator(task_id="text", python_callable=build_sql, op_args=["orders"])
    run = DatabricksSqlOperator(task_id="run", sql="{{ ti.xcom_pull('text') }}", sql_endpoint_name="s", retries=1, execution_timeout=timedelta(hours=1))
