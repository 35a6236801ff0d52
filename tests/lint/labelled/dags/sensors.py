from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator
from airflow.providers.databricks.sensors.databricks import DatabricksSQLStatementsSensor
from airflow.providers.databricks.sensors.databricks_partition import DatabricksPartitionSensor
from airflow.providers.databricks.sensors.databricks_sql import DatabricksSqlSensor
from airflow.sensors.filesystem import FileSensor

base = {"retries": 2, "execution_timeout": timedelta(hours=4)}

with DAG("sensors", schedule="@daily", start_date=datetime(2024, 1, 1), max_active_runs=1, default_args=base) as dag:
    poke = DatabricksSqlSensor(task_id="poke", sql_endpoint_name="s", sql="SELECT 1 FROM main.t LIMIT 1")
    resched = DatabricksSqlSensor(task_id="resched", sql_endpoint_name="s", sql="SELECT 1 FROM main.t LIMIT 1", mode="reschedule", poke_interval=300)
    fast = DatabricksSqlSensor(task_id="fast", sql_endpoint_name="s", sql="SELECT 1 FROM main.t LIMIT 1", mode="reschedule", poke_interval=10)
    part = DatabricksPartitionSensor(
        task_id="part", sql_endpoint_name="s", table_name="main.t", schema="main",
        partitions={"day": "{{ ds }}"}, partition_operator="=", mode="poke")
    stmt = DatabricksSQLStatementsSensor(task_id="stmt", warehouse_id="{{ var.value.wh }}", statement="SELECT 1", deferrable=True)
    files = FileSensor(task_id="files", filepath="/data/in", poke_interval=5)
    [poke, resched, fast, part, stmt, files]
