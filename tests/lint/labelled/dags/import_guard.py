try:
    from airflow.sdk import DAG
except ImportError:
    from airflow import DAG
from datetime import datetime, timedelta


def build():
    from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator

    return DatabricksNotebookOperator(
        task_id="build", notebook_path="/Shared/build", source="WORKSPACE", job_cluster_key="k",
        retries=1, execution_timeout=timedelta(hours=1), deferrable=False)


with DAG("import_guard", schedule="@monthly", start_date=datetime(2024, 1, 1), catchup=False, max_active_runs=1):
    build()
