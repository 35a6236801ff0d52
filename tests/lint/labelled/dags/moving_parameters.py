import uuid
from datetime import date, datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator

RUN_DAY = datetime.now().strftime("%Y-%m-%d")
batch = str(uuid.uuid4())
FIXED = date(2024, 1, 1).isoformat()

shared = {"source": "WORKSPACE", "job_cluster_key": "k", "deferrable": True, "retries": 2, "execution_timeout": timedelta(hours=1)}


def stamp(**context):
    return datetime.now().isoformat()


with DAG("moving_parameters", schedule="@daily", start_date=datetime(2024, 1, 1), max_active_runs=1) as dag:
    now = DatabricksNotebookOperator(task_id="now", notebook_path="/Shared/n", notebook_params={"day": RUN_DAY}, **shared)
    uid = DatabricksNotebookOperator(task_id="uid", notebook_path="/Shared/n", notebook_params={"batch": batch}, **shared)
    ds = DatabricksNotebookOperator(task_id="ds", notebook_path="/Shared/n", notebook_params={"day": "{{ ds }}"}, **shared)
    fixed = DatabricksNotebookOperator(task_id="fixed", notebook_path="/Shared/n", notebook_params={"day": FIXED}, **shared)
