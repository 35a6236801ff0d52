from datetime import datetime, timedelta

from airflow.decorators import dag
from astro_databricks import DatabricksNotebookOperator, DatabricksWorkflowTaskGroup


@dag(schedule=None, start_date=datetime(2023, 6, 1), default_args={"retries": 1, "execution_timeout": timedelta(hours=1)})
def astro_flow():
    extract = DatabricksNotebookOperator(
        task_id="extract",
        databricks_conn_id="dbx",
        notebook_path="/Shared/extract",
        source="WORKSPACE",
        job_cluster_key="c",
    )
    return extract


astro_flow()
