"""A DAG file with the classic mistakes, for the linter to find. Airflow never loads this folder.

- the cluster is spelled out in the DAG, by way of a named dict               DBX101
- official operators wait in worker slots                                     DBX201
- nothing bounds how many runs of the scheduled DAG work at once              DBX301
- the key of the job is misspelt                                              DBX801
- the name of a job parameter is misspelt                                     DBX805
"""

from datetime import datetime

from airbrick.operators import RunNowOperator
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator, DatabricksSubmitRunOperator
from airflow.sdk import DAG

CLUSTER = {
    "spark_version": "13.3.x-scala2.12",
    "node_type_id": "i3.xlarge",
    "num_workers": 8,
}
DEFAULTS = {"retries": 2, "databricks_conn_id": "databricks_default"}

with DAG("orders", schedule="@daily", start_date=datetime(2026, 1, 1), default_args=DEFAULTS):
    clean = DatabricksSubmitRunOperator(
        task_id="clean",
        json={
            "new_cluster": CLUSTER,
            "notebook_task": {"notebook_path": "/Shared/orders/clean"},
        },
    )
    load = DatabricksRunNowOperator(task_id="load", job_name="{{ var.value.orders_job }}")
    nightly = RunNowOperator(task_id="nightly", job="nightly_ordrs")
    report = RunNowOperator(
        task_id="report",
        job="nightly_orders",
        job_parameters={"run_dt": "{{ ds }}"},
    )

    clean >> load >> nightly >> report
