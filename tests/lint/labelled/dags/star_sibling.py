from datetime import datetime

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator
from common_args import *  # noqa: F403

with DAG("star_sibling", default_args=default_args, schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False) as dag:
    note = DatabricksNotebookOperator(task_id="note", notebook_path="/Shared/n", source=SOURCE, job_cluster_key="k")
    sql = DatabricksSqlOperator(task_id="sql", sql="SELECT 1", http_path="/sql/1.0/warehouses/00000000000000aa")
    note >> sql
