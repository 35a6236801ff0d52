from datetime import timedelta

from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator
from airflow.providers.databricks.operators.databricks_workflow import DatabricksWorkflowTaskGroup
from airflow.sdk import dag
from platform_stack import job_clusters_for
from pendulum import datetime


@dag(schedule="@daily", start_date=datetime(2025, 1, 1), max_active_runs=1)
def serverless_flow():
    with DatabricksWorkflowTaskGroup(group_id="flow", databricks_conn_id="dbx", job_clusters=job_clusters_for("flow")):
        DatabricksNotebookOperator(
            task_id="a", notebook_path="/Repos/ann@example.com/etl/a", source="WORKSPACE",
            deferrable=True, execution_timeout=timedelta(hours=1))
        DatabricksNotebookOperator(
            task_id="b", notebook_path="/Repos/production/etl/b", source="WORKSPACE",
            deferrable=True, execution_timeout=timedelta(hours=1))


serverless_flow()
