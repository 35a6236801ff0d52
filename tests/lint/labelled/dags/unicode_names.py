"""Täglicher Lauf – naïve Kunden, 東京 und 🚀."""
from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator

größe = {"retries": 2, "execution_timeout": timedelta(hours=1), "deferrable": True}

with DAG("tägliche_kunden", description="🚀 Kunden", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False, default_args=größe) as dag:
    köln = DatabricksNotebookOperator(task_id="köln", notebook_path="/Shared/Köln/Übersicht", source="WORKSPACE", job_cluster_key="k")
    東京 = DatabricksNotebookOperator(task_id="tokyo", notebook_path="/Users/müller@example.com/東京", source="WORKSPACE", job_cluster_key="k")
    köln >> 東京
