from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator
from airflow.utils import timezone
from airflow.utils.dates import days_ago

yesterday = datetime.today() - timedelta(days=1)
base = {"retries": 1, "execution_timeout": timedelta(minutes=5)}
moving = {"start_date": datetime.now(), **base}

with DAG("through_variable", start_date=yesterday, schedule=None, default_args=base):
    DatabricksSqlOperator(task_id="a", sql="SELECT 1", sql_endpoint_name="s")
with DAG("through_defaults", schedule=None, default_args=moving):
    DatabricksSqlOperator(task_id="b", sql="SELECT 1", sql_endpoint_name="s")
with DAG("fixed_timezone", start_date=timezone.datetime(2024, 1, 1), schedule=None, default_args=base):
    DatabricksSqlOperator(task_id="c", sql="SELECT 1", sql_endpoint_name="s")
with DAG("two_days_ago", start_date=days_ago(2), schedule=None, default_args=base):
    DatabricksSqlOperator(task_id="d", sql="SELECT 1", sql_endpoint_name="s")
