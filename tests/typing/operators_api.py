"""The public API of the operators as people write it; it must type-check."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.sdk import DAG

from airbrick.operators import Call, RunNowOperator, WorkspaceHook

with DAG("typed", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC)):
    by_key = RunNowOperator(
        task_id="by_key",
        job="nightly_etl",
        job_parameters={"run_date": "{{ ds }}", "rows": 5, "full": True},
        on_stale="fail",
        contract=Path("contracts/airbrick.contract.dev.json"),
        run_timeout=timedelta(hours=2),
        queue_timeout=600,
        retries=2,
    )
    by_id = RunNowOperator(task_id="by_id", job_id="123", deferrable=False, wait_for_termination=False)
    from_task = RunNowOperator(task_id="from_task", job="nightly_etl", job_parameters=by_key.output)
    by_key >> by_id >> from_task

    RunNowOperator.partial(task_id="mapped", job="nightly_etl").expand(job_parameters=[{"run_date": "2026-01-01"}])

with WorkspaceHook("databricks_default").get_conn() as client:
    client.run(1)
    client.call(Call("GET", "/api/2.1/clusters/list"))


async def clusters() -> int:
    async with WorkspaceHook("databricks_default").get_async_conn() as workspace:
        found = await workspace.call(Call("GET", "/api/2.1/clusters/list", {"page_size": "10"}))
        return len(found.get("clusters", ()))
