from datetime import datetime, timedelta

from airflow import DAG
from airflow.kubernetes.secret import Secret
from airflow.operators.bash import BashOperator
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator

pod_secret = Secret("env", "DATABRICKS_TOKEN", secret="databricks-token", key="token")

with DAG("secrets_and_hosts", schedule=None, start_date=datetime(2024, 1, 1)) as dag:
    leak = BashOperator(task_id="leak", bash_command="databricks jobs list", env={"DATABRICKS_TOKEN": "dapi00000000000000000000000000000000"})
    header = BashOperator(task_id="header", bash_command="curl -H 'Authorization: Bearer dapi00000000000000000000000000000000' $URL")
    uri = BashOperator(task_id="uri", bash_command="psql postgresql://demo:demo@db:5432/demo -c 'select 1'")
    jinja = BashOperator(task_id="jinja", bash_command="databricks jobs list", env={"DATABRICKS_TOKEN": "{{ conn.dbx.password }}"})
    ref = BashOperator(task_id="ref", bash_command="run", env={"PASSWORD": "secrets://vault/path", "TOKEN": ""})
    host = BashOperator(task_id="host", bash_command="databricks jobs list", env={"DATABRICKS_HOST": "https://adb-1234567890123456.7.azuredatabricks.net"})
    other = BashOperator(task_id="other", bash_command="curl https://docs.databricks.com/api", env={"H": "{{ conn.dbx.host }}"})
    sql = DatabricksSqlOperator(task_id="sql", sql="SELECT 1", sql_endpoint_name="s", retries=1, execution_timeout=timedelta(minutes=3))
