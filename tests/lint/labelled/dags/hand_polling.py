import time
from datetime import timedelta

import pendulum
from airflow.decorators import dag, task
from airflow.providers.databricks.hooks.databricks import DatabricksHook
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator


@dag(schedule=None, start_date=pendulum.datetime(2024, 1, 1))
def hand_polling():
    @task
    def wait(run_id: int):
        hook = DatabricksHook("dbx")
        while not hook.get_run_state(run_id).is_terminal:
            time.sleep(20)

    @task
    def backoff():
        time.sleep(5)

    DatabricksSqlOperator(task_id="sql", sql="SELECT 1", sql_endpoint_name="s", retries=1, execution_timeout=timedelta(minutes=3))
    wait(12) >> backoff()


hand_polling()
