from datetime import datetime, timedelta

import requests
from airflow import DAG
from airflow.hooks.base import BaseHook
from airflow.models import Variable
from airflow.operators.python import PythonOperator
from airflow.providers.databricks.hooks.databricks_sql import DatabricksSqlHook
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator
from databricks.sdk import WorkspaceClient

login = BaseHook.get_connection("warehouse").login
rows = DatabricksSqlHook("dbx").get_records("SELECT name FROM main.meta.tables")
holidays = requests.get("https://example.com/holidays.json", timeout=5).json()
jobs = list(WorkspaceClient().jobs.list())
env = Variable.get("environment")


def later():
    conn = BaseHook.get_connection("warehouse")
    return requests.get(f"https://{conn.host}/health", timeout=5).status_code


with DAG("parse_time_io", schedule=None, start_date=datetime(2024, 1, 1), default_args={"retries": 1, "execution_timeout": timedelta(minutes=5)}) as dag:
    PythonOperator(task_id="later", python_callable=later)
    DatabricksSqlOperator(task_id="touch", sql="SELECT 1", sql_endpoint_name="s")

if __name__ == "__main__":
    print(requests.get("https://example.com", timeout=5).text)
