from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSQLStatementsOperator

with DAG("statements", schedule="0 */2 * * *", start_date=datetime(2024, 1, 1), catchup=False, default_args={"retries": 2, "execution_timeout": timedelta(minutes=15)}) as dag:
    literal = DatabricksSQLStatementsOperator(task_id="literal", statement="SELECT 1", warehouse_id="0123456789abcdef", deferrable=True)
    var = DatabricksSQLStatementsOperator(task_id="var", statement="SELECT 1", warehouse_id="{{ var.value.warehouse }}")
