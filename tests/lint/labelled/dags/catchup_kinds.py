import pendulum
from datetime import timedelta
from airflow import DAG
from airflow.providers.databricks.operators.databricks_sql import DatabricksCopyIntoOperator

ARGS = {"owner": "a", "retries": 2, "execution_timeout": timedelta(hours=1)}
OLD = pendulum.datetime(2018, 1, 1)

flood = DAG("flood", start_date=OLD, schedule="@daily", catchup=True, default_args=ARGS)
DatabricksCopyIntoOperator(task_id="c", dag=flood, table_name="a.b", file_format="CSV", file_location="s3://x/y", sql_endpoint_name="s")

absent = DAG("absent", start_date=OLD, schedule="@daily", default_args=ARGS)
DatabricksCopyIntoOperator(task_id="c", dag=absent, table_name="a.b", file_format="CSV", file_location="s3://x/y", sql_endpoint_name="s")

tame = DAG("tame", start_date=OLD, schedule="@daily", catchup=True, max_active_runs=1, default_args=ARGS)
DatabricksCopyIntoOperator(task_id="c", dag=tame, table_name="a.b", file_format="CSV", file_location="s3://x/y", sql_endpoint_name="s")
