from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator

default_args = {
    "owner": "bi",
    "start_date": datetime(2022, 1, 1),
    "catchup": False,
    "max_active_runs": 1,
    "retries": 1,
    "execution_timeout": timedelta(minutes=20),
}

with DAG("ignored_defaults", default_args=default_args, schedule_interval="@daily") as dag:
    DatabricksSqlOperator(task_id="refresh", sql="REFRESH TABLE main.t", sql_endpoint_name="bi")

twice = {"retries": 1, "execution_timeout": timedelta(minutes=20), "catchup": False}
with DAG("repeated", default_args=twice, schedule_interval="@daily", start_date=datetime(2022, 1, 1), catchup=False, max_active_runs=1) as dag2:
    DatabricksSqlOperator(task_id="refresh", sql="REFRESH TABLE main.t", sql_endpoint_name="bi")

dag_kwargs = {"schedule": "@daily", "catchup": False, "max_active_runs": 1, "start_date": datetime(2022, 1, 1)}
with DAG("splatted", default_args={"retries": 1, "execution_timeout": timedelta(minutes=20)}, **dag_kwargs) as dag3:
    DatabricksSqlOperator(task_id="refresh", sql="REFRESH TABLE main.t", sql_endpoint_name="bi")
