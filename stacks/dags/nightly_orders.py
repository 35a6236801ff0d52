"""Run the nightly orders job, which `pulumi up` provisions, once for every day."""

from datetime import UTC, datetime

from airflow.sdk import DAG

from airbrick.operators import RunNowOperator

with DAG(
    "nightly_orders",
    schedule="0 2 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    max_active_runs=1,
    tags=["orders"],
):
    RunNowOperator(
        task_id="nightly_orders",
        job="nightly_orders",
        job_parameters={"run_date": "{{ ds }}"},
        deferrable=True,
        run_timeout=7200,
        retries=2,
    )
