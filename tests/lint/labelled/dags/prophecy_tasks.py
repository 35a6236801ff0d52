"""Generated: one function per task, the DAG is elsewhere."""
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator, DatabricksSubmitRunOperator


def load():
    return DatabricksRunNowOperator(task_id="load", job_id="10231", databricks_conn_id="dbx")


def transform():
    return DatabricksSubmitRunOperator(
        task_id="transform",
        new_cluster={"spark_version": "12.0.x-scala2.12", "node_type_id": "m5.large", "num_workers": 1},
        notebook_task={"notebook_path": "/Shared/transform"},
    )
