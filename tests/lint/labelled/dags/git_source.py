from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator, DatabricksSubmitRunOperator

with DAG("git_source", schedule="@weekly", start_date=datetime(2024, 1, 1), catchup=False, max_active_runs=1, default_args={"retries": 2}) as dag:
    train = DatabricksSubmitRunOperator(
        task_id="train",
        json={
            "git_source": {"git_url": "https://example.com/acme/models.git", "git_provider": "gitHub", "git_branch": "main"},
            "tasks": [{"task_key": "train", "notebook_task": {"notebook_path": "notebooks/train", "source": "GIT"}}],
            "timeout_seconds": 7200,
        },
    )
    zero = DatabricksSubmitRunOperator(
        task_id="zero", deferrable=True, timeout_seconds=0,
        tasks=[{"task_key": "z", "notebook_task": {"notebook_path": "/Shared/z"}}])
    score = DatabricksNotebookOperator(task_id="score", notebook_path="notebooks/score", source="GIT", deferrable=True, execution_timeout=timedelta(hours=3), job_cluster_key="k")
    train >> zero >> score
