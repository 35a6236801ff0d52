"""Schedules that come from somewhere else."""
import os
from datetime import datetime, timedelta

from airflow import DAG
from airflow.models import Variable
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator

common = {"retries": 2, "execution_timeout": timedelta(minutes=10)}

with DAG("from_variable", schedule=Variable.get("cron", default_var="0 5 * * *"), start_date=datetime(2024, 1, 1), catchup=False, default_args=common):
    DatabricksSqlOperator(task_id="one", sql="SELECT 1", sql_endpoint_name="s")

with DAG("maybe_none", schedule=Variable.get("cron_b", default_var=None), start_date=datetime(2024, 1, 1), catchup=False, default_args=common):
    DatabricksSqlOperator(task_id="two", sql="SELECT 2", sql_endpoint_name="s")

with DAG("too_many", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False, max_active_runs=32, default_args=common):
    DatabricksSqlOperator(task_id="three", sql="SELECT 3", sql_endpoint_name="s")

with DAG("exactly_sixteen", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False, max_active_runs=16, default_args=common):
    DatabricksSqlOperator(task_id="four", sql="SELECT 4", sql_endpoint_name="s", retries=int(os.getenv("SQL_RETRIES", 2)))

with DAG("positional", "Daily refresh", "30 6 * * *", start_date=datetime(2024, 1, 1), default_args=common, catchup=False):
    DatabricksSqlOperator(task_id="five", sql="SELECT 5", sql_endpoint_name="s")
