"""Small pipelines that grew inside Airflow's workers."""
from datetime import datetime, timedelta

import numpy as np
from airflow import DAG
from airflow.operators.python import ExternalPythonOperator, PythonOperator
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator
from databricks.sdk import WorkspaceClient
from pyspark.sql import SparkSession


def outside():
    import pandas as pd

    pd.read_parquet("/data/a").to_parquet("/data/b")


def first_value():
    return float(np.mean([1, 2, 3]))


with DAG("python_heavier", schedule=None, start_date=datetime(2024, 1, 1)) as dag:
    spark = PythonOperator(task_id="spark", python_callable=lambda: SparkSession.builder.getOrCreate().read.parquet("/a").write.parquet("/b"))
    sdk = PythonOperator(task_id="sdk", python_callable=lambda: WorkspaceClient().jobs.run_now(job_id=991))
    listing = PythonOperator(task_id="listing", python_callable=lambda: [j.job_id for j in WorkspaceClient().jobs.list()])
    ext = ExternalPythonOperator(task_id="ext", python="/opt/venv/bin/python", python_callable=outside)
    mean = PythonOperator(task_id="mean", python_callable=first_value)
    nb = DatabricksNotebookOperator(task_id="nb", notebook_path="/Shared/nb", source="WORKSPACE", job_cluster_key="k", deferrable=True, retries=1, execution_timeout=timedelta(hours=1))
