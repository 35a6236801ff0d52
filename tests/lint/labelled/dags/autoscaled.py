from datetime import datetime

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator

SPEC = {"spark_version": "14.3.x-scala2.12", "node_type_id": "i3.xlarge", "autoscale": {"min_workers": 1, "max_workers": 4}, "data_security_mode": "SINGLE_USER"}

dag = DAG("autoscaled", schedule="@daily", start_date=datetime(2024, 1, 1), max_active_runs=1)
DatabricksNotebookOperator(task_id="n", dag=dag, notebook_path="/Shared/n", source="WORKSPACE", new_cluster=SPEC)
