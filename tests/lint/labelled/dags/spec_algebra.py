"""Cluster specs put together in steps."""
from datetime import datetime

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator
from infra_stack import cluster_spec

base = {"spark_version": "10.4.x-scala2.12", "node_type_id": "i3.xlarge"}
tuned = base.copy()
tuned["spark_version"] = "15.4.x-scala2.12"
tuned["data_security_mode"] = "SINGLE_USER"

modern = dict(base, spark_version="14.3.x-photon-scala2.12", num_workers=1)


def small_cluster(workers):
    return {"spark_version": "13.3.x-scala2.12", "node_type_id": "m5.large", "num_workers": workers, "data_security_mode": "USER_ISOLATION"}


ARGS = {"retries": 1, "deferrable": True, "timeout_seconds": 3600}

with DAG("spec_copy", schedule=None, start_date=datetime(2024, 1, 1), default_args=ARGS):
    DatabricksSubmitRunOperator(task_id="copy", new_cluster=tuned, notebook_task={"notebook_path": "/Shared/n"})
with DAG("spec_dict", schedule=None, start_date=datetime(2024, 1, 1), default_args=ARGS):
    DatabricksSubmitRunOperator(task_id="dict", new_cluster=modern, notebook_task={"notebook_path": "/Shared/n"})
with DAG("spec_return", schedule=None, start_date=datetime(2024, 1, 1), default_args=ARGS):
    DatabricksSubmitRunOperator(task_id="ret", new_cluster=small_cluster(4), notebook_task={"notebook_path": "/Shared/n"})
with DAG("spec_foreign", schedule=None, start_date=datetime(2024, 1, 1), default_args=ARGS):
    DatabricksSubmitRunOperator(task_id="foreign", new_cluster=cluster_spec("etl"), notebook_task={"notebook_path": "/Shared/n"})
with DAG("spec_tasks", schedule=None, start_date=datetime(2024, 1, 1), default_args=ARGS):
    DatabricksSubmitRunOperator(
        task_id="tasks",
        tasks=[{"task_key": "t", "new_cluster": {"spark_version": "7.3.x-scala2.12", "num_workers": 1}, "notebook_task": {"notebook_path": "/Shared/n"}}],
    )
