import pandas as pd
from airflow.decorators import dag, task
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator
from pendulum import datetime


@dag(schedule=None, start_date=datetime(2024, 1, 1))
def python_heavy():
    @task
    def transform():
        frame = pd.read_csv("s3://lake/raw/orders.csv")
        frame = frame.merge(pd.read_parquet("s3://lake/raw/customers"), on="id")
        frame.to_parquet("s3://lake/clean/orders")

    @task.virtualenv(requirements=["pandas"])
    def isolated():
        import pandas

        pandas.read_csv("s3://lake/raw/x.csv").to_parquet("s3://lake/clean/x")

    @task
    def names():
        return [t.strip() for t in "a, b, c".split(",")]

    transform() >> isolated() >> names() >> DatabricksRunNowOperator(task_id="publish", job_name="publish")


python_heavy()
