from datetime import timedelta

import pendulum
from airflow import DAG
from airflow.providers.databricks.operators.databricks_sql import DatabricksCopyIntoOperator, DatabricksSqlOperator

WAREHOUSE = "/sql/1.0/warehouses/0123456789abcdef"

with DAG(
    "sql_maintenance",
    schedule="@weekly",
    start_date=pendulum.datetime(2024, 1, 1),
    catchup=False,
    default_args={"retries": 2, "execution_timeout": timedelta(minutes=45)},
) as dag:
    vacuum = DatabricksSqlOperator(task_id="vacuum", http_path=WAREHOUSE, sql="VACUUM main.sales.orders")
    analyze = DatabricksSqlOperator(task_id="analyze", sql_endpoint_name="maintenance", sql="ANALYZE TABLE main.sales.orders COMPUTE STATISTICS")
    copy = DatabricksCopyIntoOperator(
        task_id="copy",
        table_name="main.sales.raw_orders",
        file_format="JSON",
        file_location="abfss://landing@example.dfs.core.windows.net/orders",
        sql_endpoint_name="maintenance",
    )
    templated = DatabricksSqlOperator(task_id="templated", http_path="{{ var.value.warehouse_path }}", sql="sql/refresh.sql")
    copy >> vacuum >> analyze >> templated
