from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator, DatabricksSubmitRunOperator


def job(name, dag):
    return DatabricksRunNowOperator(task_id=name, job_name=name, dag=dag, retries=2)


def serverless(name, dag, **extra):
    return DatabricksSubmitRunOperator(
        task_id=name,
        dag=dag,
        retries=1,
        deferrable=True,
        timeout_seconds=1800,
        tasks=[{"task_key": name, "notebook_task": {"notebook_path": f"/Shared/{name}"}}],
    )


dag = DAG("helper_function", schedule="@daily", start_date=datetime(2024, 1, 1), max_active_runs=1)
job("bronze", dag) >> serverless("silver", dag) >> job("gold", dag)
