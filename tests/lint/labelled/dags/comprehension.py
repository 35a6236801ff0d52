from datetime import datetime, timedelta

from airflow import DAG
from airflow.models.baseoperator import chain
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator
from company.inventory import notebooks

A = {"retries": 2, "execution_timeout": timedelta(hours=1), "deferrable": True}

with DAG("comprehension", schedule="@daily", start_date=datetime(2024, 1, 1), max_active_runs=1, default_args=A) as dag:
    many = [DatabricksNotebookOperator(task_id=f"n_{n}", notebook_path=f"/Shared/{n}", source="WORKSPACE", job_cluster_key="k") for n in notebooks()]
    pooled = {n: DatabricksNotebookOperator(task_id=f"p_{n}", notebook_path=f"/Shared/{n}", source="WORKSPACE", job_cluster_key="k", pool="dbx") for n in notebooks()}
    last = DatabricksNotebookOperator(task_id="last", notebook_path="/Shared/last", source="WORKSPACE", job_cluster_key="k")
    many >> last
