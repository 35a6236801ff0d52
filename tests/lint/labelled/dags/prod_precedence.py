"""Who wins: operator, task group, DAG."""
from datetime import datetime, timedelta

from airflow.models.dag import DAG
from airflow.operators.bash import BashOperator
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator
from airflow.utils.task_group import TaskGroup

with DAG(
    dag_id="precedence",
    start_date=datetime(2024, 2, 1),
    schedule="@hourly",
    max_active_runs=2,
    default_args={"deferrable": True, "retries": 1},
) as dag:
    with TaskGroup("load", default_args={"execution_timeout": timedelta(minutes=30), "retries": 0}) as load:
        a = DatabricksNotebookOperator(task_id="a", notebook_path="/Shared/a", source="WORKSPACE", job_cluster_key="x")
        b = DatabricksNotebookOperator(task_id="b", notebook_path="/Shared/b", source="WORKSPACE", job_cluster_key="x", retries=4)
        c = DatabricksNotebookOperator(task_id="c", notebook_path="/Shared/c", source="WORKSPACE", job_cluster_key="x", retries=4, deferrable=False)
    q = DatabricksSqlOperator(task_id="q", sql="OPTIMIZE main.t", sql_endpoint_name="etl")
    done = BashOperator(task_id="done", bash_command="echo done")
    load >> q >> done
