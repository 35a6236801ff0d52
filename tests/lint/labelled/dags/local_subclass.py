from datetime import datetime, timedelta

from airflow import DAG
from airflow.models import BaseOperator
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator, DatabricksSubmitRunOperator


class TaggedRunNow(DatabricksRunNowOperator):
    """Adds a colour."""

    ui_color = "#ff3621"


class AlwaysDeferred(DatabricksSubmitRunOperator):
    def __init__(self, **kwargs):
        super().__init__(deferrable=True, **kwargs)


class DatabricksCostReport(BaseOperator):
    """Reads a billing table; no run is started."""

    def execute(self, context):
        return None


with DAG("local_subclass", schedule="@daily", start_date=datetime(2024, 1, 1), max_active_runs=1) as dag:
    a = TaggedRunNow(task_id="a", job_name="a", retries=2)
    b = AlwaysDeferred(task_id="b", tasks=[{"task_key": "b", "notebook_task": {"notebook_path": "/Shared/b"}}], retries=2, timeout_seconds=900)
    c = DatabricksCostReport(task_id="c")
