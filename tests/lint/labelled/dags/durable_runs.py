import pendulum
from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

common = {"deferrable": True, "timeout_seconds": 3600}
TASKS = [{"task_key": "main", "notebook_task": {"notebook_path": "/Shared/main"}}]

with DAG(dag_id="durable_runs", schedule="45 * * * *", start_date=pendulum.datetime(2025, 3, 1), max_active_runs=1, default_args=common) as dag:
    plain = DatabricksSubmitRunOperator(task_id="plain", tasks=TASKS, retries=3)
    not_durable = DatabricksSubmitRunOperator(task_id="not_durable", tasks=TASKS, retries=3, durable=False)
    token = DatabricksSubmitRunOperator(task_id="token", tasks=TASKS, retries=3, durable=False, idempotency_token="{{ ti.task_id }}-{{ ts_nodash }}")
    once = DatabricksSubmitRunOperator(task_id="once", tasks=TASKS, retries=0, durable=False)
