import pendulum
from airflow.models import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

payload = {
    "new_cluster": {"spark_version": "9.1.x-scala2.12", "node_type_id": "Standard_DS3_v2", "num_workers": 8, "data_security_mode": "SINGLE_USER"},
    "notebook_task": {"notebook_path": "/Shared/etl/ingest"},
    "timeout_seconds": 7200,
}

dag = DAG(dag_id="json_payload", schedule="0 4 * * *", start_date=pendulum.datetime(2024, 5, 1, tz="UTC"), catchup=False, max_active_runs=1)

ingest = DatabricksSubmitRunOperator(task_id="ingest", json=payload, retries=2, deferrable=True, dag=dag)
