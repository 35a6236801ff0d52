from datetime import datetime

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator, DatabricksSubmitRunOperator
from company.settings import Settings, default_args, dag_options

with DAG("imported_defaults", default_args=default_args, schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False) as dag:
    r = DatabricksRunNowOperator(task_id="r", job_name="r")
    s = DatabricksSubmitRunOperator(task_id="s", existing_cluster_id=Settings.cluster, notebook_task={"notebook_path": "/Shared/s"}, retries=0)

with DAG("unknown_options", default_args=default_args, **dag_options) as dag2:
    t = DatabricksRunNowOperator(task_id="t", job_name="t")
