from datetime import datetime

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("loop_range", schedule_interval="@daily", start_date=datetime(2023, 1, 1), catchup=False) as dag:
    shards = []
    for i in range(200):
        shards.append(DatabricksRunNowOperator(task_id="shard_%d" % i, job_id=5150, notebook_params={"shard": str(i)}))
