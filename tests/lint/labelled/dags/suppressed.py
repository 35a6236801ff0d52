from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator

K = {"source": "WORKSPACE", "job_cluster_key": "k", "retries": 1, "execution_timeout": timedelta(hours=1)}

with DAG("suppressed", schedule=None, start_date=datetime(2024, 1, 1)) as dag:
    coded = DatabricksNotebookOperator(task_id="coded", notebook_path="/Shared/n", **K)  # noqa: DBX201
    bare = DatabricksNotebookOperator(task_id="bare", notebook_path="/Shared/n", **K)  # noqa
    other = DatabricksNotebookOperator(task_id="other", notebook_path="/Shared/n", **K)  # noqa: E501
