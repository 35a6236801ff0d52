from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

args = dict(owner="finance", retries=2, execution_timeout=timedelta(hours=1))

with DAG("finance_close", default_args=args, schedule=timedelta(hours=6), start_date=datetime(2024, 1, 1), catchup=False) as dag:
    ledger = DatabricksRunNowOperator(task_id="ledger", job_name="ledger-close", deferrable=True)
    fx = DatabricksRunNowOperator(task_id="fx", job_name="fx-rates")
    report = DatabricksRunNowOperator(task_id="report", job_name="close-report", deferrable=True, execution_timeout=None)
    mail = DatabricksRunNowOperator(task_id="mail", job_name="close-mail", retries=0)
    [ledger, fx] >> report >> mail
