from datetime import datetime, timedelta

from airflow import DAG
from airflow.hooks.base import BaseHook
from airflow.providers.databricks.hooks.databricks import DatabricksHook
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator
from company.catalogue import list_tables

default_args = {
    "retries": 1,
    "execution_timeout": timedelta(minutes=5),
    "email": BaseHook.get_connection("smtp").login,
}
tables = list_tables()

with DAG("parse_time_more", schedule=None, start_date=datetime(2024, 1, 1), default_args=default_args) as dag:
    last = DatabricksHook("dbx").get_run_state(15)
    DatabricksSqlOperator(task_id="t", sql="SELECT 1", sql_endpoint_name="s", on_failure_callback=lambda ctx: BaseHook.get_connection("slack"))
