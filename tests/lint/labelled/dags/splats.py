from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator, DatabricksRunNowOperator
from company_defaults import OPERATOR_DEFAULTS

known = {"retries": 2, "execution_timeout": timedelta(hours=2), "deferrable": True}
partial = {"retries": 2}
nb = {"source": "WORKSPACE", "job_cluster_key": "k"}

with DAG("splats", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False, max_active_runs=2) as dag:
    full = DatabricksNotebookOperator(task_id="full", notebook_path="/Shared/n", **nb, **known)
    half = DatabricksNotebookOperator(task_id="half", notebook_path="/Shared/n", **nb, **partial)
    merged = DatabricksNotebookOperator(task_id="merged", notebook_path="/Shared/n", **(nb | known))
    foreign = DatabricksRunNowOperator(task_id="foreign", job_name="x", **OPERATOR_DEFAULTS)
    nothing = DatabricksRunNowOperator(task_id="nothing", job_name="x")
