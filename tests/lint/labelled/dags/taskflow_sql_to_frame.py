from datetime import timedelta

from airflow.decorators import dag, task
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator
from pendulum import datetime


@dag(schedule="@daily", start_date=datetime(2024, 1, 1), max_active_runs=1)
def taskflow_sql_to_frame():
    @task
    def export():
        import pandas as pd
        from sqlalchemy import create_engine

        engine = create_engine("sqlite:////tmp/x.db")
        pd.read_sql("SELECT * FROM orders", engine).to_sql("orders_copy", engine, if_exists="replace")

    @task
    def trigger():
        from airflow.providers.databricks.hooks.databricks import DatabricksHook

        return DatabricksHook("dbx").submit_run({"tasks": []})

    @task.kubernetes(image="example/etl:1")
    def in_pod():
        import pandas as pd

        pd.read_csv("/in.csv").to_csv("/out.csv")

    @task.branch
    def choose(ds=None):
        return "export" if ds and ds.endswith("01") else "in_pod"

    choose() >> [export(), in_pod()] >> trigger() >> DatabricksSqlOperator(task_id="done", sql="SELECT 1", sql_endpoint_name="s", retries=1, execution_timeout=timedelta(minutes=3))


taskflow_sql_to_frame()
