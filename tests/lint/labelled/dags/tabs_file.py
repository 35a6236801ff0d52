from datetime import datetime
from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator, DatabricksRunNowOperator

with DAG(
	dag_id="tabs_dag",
	start_date=datetime(2022, 1, 1),
	schedule_interval="0 0 * * *",
	max_active_runs=1,
) as dag:
	a = DatabricksSubmitRunOperator(
		task_id="a",
		existing_cluster_id="1122-334455-abcdefgh",
		notebook_task={"notebook_path": "/Users/me@example.com/a"},
	)
	b = DatabricksRunNowOperator(task_id="b", job_id=8)
	a >> b
