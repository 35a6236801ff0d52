"""Where notebooks live."""
import os
from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator

USER = "sam@example.com"
BASE = "/Users/" + USER
TEAM_BASE = "/Shared/team-users"

kw = dict(source="WORKSPACE", job_cluster_key="k", deferrable=True, retries=2, execution_timeout=timedelta(hours=1))

with DAG("paths_personal", schedule=None, start_date=datetime(2024, 1, 1)) as dag:
    p1 = DatabricksNotebookOperator(task_id="p1", notebook_path=f"{BASE}/clean", **kw)
    p2 = DatabricksNotebookOperator(task_id="p2", notebook_path="/Workspace/Users/kim@example.com/report", **kw)
    p3 = DatabricksNotebookOperator(task_id="p3", notebook_path="/Users/{{ var.value.owner }}/clean", **kw)
    p4 = DatabricksNotebookOperator(task_id="p4", notebook_path="/Users/" + os.environ["DBX_USER"] + "/clean", **kw)
    p5 = DatabricksNotebookOperator(task_id="p5", notebook_path=f"{TEAM_BASE}/clean", **kw)
    p6 = DatabricksNotebookOperator(task_id="p6", notebook_path="/Users/<your-user>/demo", **kw)
