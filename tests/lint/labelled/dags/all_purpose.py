import os
from datetime import datetime

from airflow import DAG
from airflow.models import Variable
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

CLUSTER = "0201-101112-shared1"

default_args = {"owner": "ds", "retries": 2, "deferrable": True, "timeout_seconds": 1200}

with DAG("all_purpose", default_args=default_args, schedule_interval="0 7 * * 1-5", start_date=datetime(2023, 4, 1), catchup=False) as dag:
    lit = DatabricksSubmitRunOperator(task_id="lit", existing_cluster_id="0201-101112-shared1", notebook_task={"notebook_path": "/Shared/a"})
    const = DatabricksSubmitRunOperator(task_id="const", existing_cluster_id=CLUSTER, notebook_task={"notebook_path": "/Shared/b"})
    in_json = DatabricksSubmitRunOperator(task_id="in_json", json={"existing_cluster_id": CLUSTER, "notebook_task": {"notebook_path": "/Shared/c"}})
    jinja = DatabricksSubmitRunOperator(task_id="jinja", existing_cluster_id="{{ var.value.cluster }}", notebook_task={"notebook_path": "/Shared/d"})
    env = DatabricksSubmitRunOperator(task_id="env", existing_cluster_id=os.environ["CLUSTER_ID"], notebook_task={"notebook_path": "/Shared/e"})
    var = DatabricksSubmitRunOperator(task_id="var", existing_cluster_id=Variable.get("cluster"), notebook_task={"notebook_path": "/Shared/f"})
    todo = DatabricksSubmitRunOperator(task_id="todo", existing_cluster_id="<cluster-id>", notebook_task={"notebook_path": "/Shared/g"})
