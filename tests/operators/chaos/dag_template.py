"""The DAG file of the matrix: a task for each row of the operator that names the file. Filled in by the suite."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.sdk import DAG
from chaos_armed import arm  # type: ignore[import-not-found]

from airbrick.operators import RunNowOperator

HOME = Path(__file__).parent.parent
ROWS = [
    row
    for row in json.loads((HOME / "rows.json").read_text(encoding="utf-8"))
    if row["operator"] == Path(__file__).stem
]

for row in ROWS:
    with DAG(row["key"], schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC)):
        options = {
            "task_id": "etl",
            "databricks_conn_id": row["key"],
            "retries": row["retries"],
            "retry_delay": timedelta(seconds=row["retry_delay_s"]),
            "pool": row["pool"],
            "queue": row["queue"],
            "pre_execute": lambda _, row=row: arm(row),
        }
        if row["operator"] == "airbrick":
            RunNowOperator(job=row["key"], contract=row["contract"], poll_interval=2, **options)
        else:
            from airflow.providers.databricks.operators.databricks import (  # type: ignore[import-not-found]
                DatabricksRunNowOperator,
            )

            DatabricksRunNowOperator(job_id=row["job_id"], deferrable=True, polling_period_seconds=2, **options)
