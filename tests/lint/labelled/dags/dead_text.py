"""Example:

    DatabricksSubmitRunOperator(task_id="x", new_cluster={"spark_version": "7.3.x-scala2.12"})
"""
from datetime import datetime

from airflow import DAG
from airflow.operators.empty import EmptyOperator

# old = DatabricksRunNowOperator(task_id="old", job_id=1, dag=dag)
unused_cluster = {"spark_version": "7.3.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 50}
SNIPPET = "DatabricksRunNowOperator(task_id='t', job_id=3)"

with DAG("dead_text", schedule="@daily", start_date=datetime(2020, 1, 1)) as dag:
    EmptyOperator(task_id="nothing")
