from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator


class Config:
    ARGS = {"retries": 3, "execution_timeout": timedelta(minutes=25)}
    ENDPOINT = "reporting"


with DAG("class_attributes", default_args=Config.ARGS, schedule="0 8 * * 1", start_date=datetime(2024, 1, 1), catchup=False, max_active_runs=1) as dag:
    DatabricksSqlOperator(task_id="kpi", sql="sql/kpi.sql", sql_endpoint_name=Config.ENDPOINT)
