from airflow.decorators import dag, task
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator
from pendulum import datetime


@dag(start_date=datetime(2024, 3, 1), schedule="@daily", catchup=False)
def taskflow_etl():
    @task
    def pick() -> str:
        return "2024-03-01"

    run = DatabricksRunNowOperator(
        task_id="run",
        job_id="441",
        notebook_params={"day": "{{ ti.xcom_pull(task_ids='pick') }}"},
    )
    pick() >> run


taskflow_etl()
