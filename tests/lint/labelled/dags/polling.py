from datetime import datetime, timedelta

from airflow import DAG
from airflow.configuration import conf
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator, DatabricksSubmitRunOperator

with DAG("polling", schedule=None, start_date=datetime(2024, 1, 1), default_args={"retries": 2, "execution_timeout": timedelta(hours=1)}) as dag:
    quick = DatabricksSubmitRunOperator(task_id="quick", tasks=[], polling_period_seconds=2, deferrable=True, timeout_seconds=900)
    edge = DatabricksSubmitRunOperator(task_id="edge", tasks=[], polling_period_seconds=15, deferrable=True, timeout_seconds=900)
    slow = DatabricksNotebookOperator(task_id="slow", notebook_path="/Shared/n", source="WORKSPACE", job_cluster_key="k", polling_period_seconds=60, deferrable=True)
    cfg = DatabricksNotebookOperator(
        task_id="cfg", notebook_path="/Shared/n", source="WORKSPACE", job_cluster_key="k",
        deferrable=conf.getboolean("operators", "default_deferrable", fallback=False))
