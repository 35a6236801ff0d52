from datetime import timedelta

import pendulum
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator
from airflow.sdk import dag
from airflow.timetables.trigger import CronTriggerTimetable


@dag(
    dag_id="timetable_dag",
    schedule=CronTriggerTimetable("0 1 * * 3", timezone="UTC"),
    start_date=pendulum.datetime(2025, 2, 1),
    default_args={"retries": 2, "retry_exponential_backoff": True},
)
def build():
    DatabricksSubmitRunOperator(
        task_id="wheel",
        tasks=[{"task_key": "w", "python_wheel_task": {"package_name": "etl", "entry_point": "main"}, "environment_key": "default"}],
        timeout_seconds=60 * 60,
        deferrable=True,
    )


build()
