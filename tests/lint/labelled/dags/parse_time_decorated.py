from datetime import timedelta

import requests
from airflow.decorators import dag, task
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator
from pendulum import datetime


@dag(schedule="@daily", start_date=datetime(2024, 1, 1), max_active_runs=1)
def parse_time_decorated():
    stores = requests.get("https://example.com/stores.json", timeout=3).json()

    @task
    def fetch():
        return requests.get("https://example.com/prices.json", timeout=3).json()

    fetch() >> DatabricksSqlOperator(
        task_id="load",
        sql="SELECT 1",
        sql_endpoint_name="s",
        parameters={"stores": stores},
        retries=1,
        execution_timeout=timedelta(minutes=3),
    )


parse_time_decorated()
