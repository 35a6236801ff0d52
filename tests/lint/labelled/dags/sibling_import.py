from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator
from common_args import default_args as team_defaults
from pendulum import datetime

dag = DAG(
    dag_id="sibling_import",
    default_args=team_defaults,
    schedule_interval="@hourly",
    start_date=datetime(2024, 1, 1),
    catchup=False,
    max_active_runs=1,
)
DatabricksNotebookOperator(task_id="n", notebook_path="/Users/lee@example.com/n", source="WORKSPACE", job_cluster_key="k", dag=dag)
