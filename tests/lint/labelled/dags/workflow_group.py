from datetime import datetime, timedelta

from airflow.models.dag import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator, DatabricksTaskOperator
from airflow.providers.databricks.operators.databricks_workflow import DatabricksWorkflowTaskGroup

job_cluster_spec = [
    {
        "job_cluster_key": "Shared_job_cluster",
        "new_cluster": {
            "cluster_name": "",
            "spark_version": "12.2.x-scala2.12",
            "node_type_id": "Standard_D4s_v5",
            "num_workers": 2,
        },
    }
]

with DAG("workflow_group", start_date=datetime(2024, 1, 1), schedule="@daily", catchup=False, max_active_runs=1) as dag:
    group = DatabricksWorkflowTaskGroup(
        group_id="nightly_flow",
        databricks_conn_id="dbx",
        job_clusters=job_cluster_spec,
    )
    with group:
        one = DatabricksNotebookOperator(
            task_id="one", databricks_conn_id="dbx", notebook_path="/Shared/one", source="WORKSPACE",
            job_cluster_key="Shared_job_cluster", execution_timeout=timedelta(minutes=50))
        two = DatabricksTaskOperator(
            task_id="two",
            databricks_conn_id="dbx",
            job_cluster_key="Shared_job_cluster",
            task_config={"notebook_task": {"notebook_path": "/Shared/two", "source": "WORKSPACE"}},
            deferrable=True,
            execution_timeout=timedelta(minutes=50),
        )
        one >> two
