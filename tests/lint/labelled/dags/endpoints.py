from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.providers.databricks.operators.databricks_sql import DatabricksCopyIntoOperator, DatabricksSqlOperator
from airflow.providers.databricks.sensors.databricks_sql import DatabricksSqlSensor
from company.config import settings

D = {"retries": 3, "execution_timeout": timedelta(minutes=50)}

with DAG("endpoints", schedule="20 * * * *", start_date=datetime(2024, 6, 1), catchup=False, max_active_runs=4, default_args=D) as dag:
    a = DatabricksCopyIntoOperator(task_id="a", table_name="m.t", file_format="PARQUET", file_location="s3://b/p", http_path="/sql/1.0/warehouses/1a2b3c4d5e6f7a8b")
    b = DatabricksSqlOperator(task_id="b", sql="SELECT 1", http_path=settings.http_path)
    c = DatabricksSqlSensor(task_id="c", sql="SELECT 1", http_path="{{ var.value.p }}", poke_interval=5)
    aws = BashOperator(task_id="aws", bash_command="aws s3 ls", env={"AWS_ACCESS_KEY_ID": "AKIA0000000000000000"})
    h = BashOperator(task_id="h", bash_command="curl https://dbc-00000000-0000.cloud.databricks.com/api/2.1/jobs/list")
    no = BashOperator(task_id="no", bash_command="echo password=$PASSWORD token=<token>")
