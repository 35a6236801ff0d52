"""One operator per table."""
import json
from datetime import datetime, timedelta
from pathlib import Path

from airflow import DAG
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator

TABLES = json.loads((Path(__file__).parent / "tables.json").read_text())

args = {"retries": 2, "execution_timeout": timedelta(minutes=30)}

with DAG("loop_tables", schedule="@daily", start_date=datetime(2024, 1, 1), max_active_runs=1, default_args=args) as dag:
    for table in TABLES:
        DatabricksSqlOperator(task_id=f"optimize_{table}", sql=f"OPTIMIZE {table}", sql_endpoint_name="etl")

with DAG("loop_pooled", schedule="@daily", start_date=datetime(2024, 1, 1), max_active_runs=1, default_args=args) as pooled:
    for table in TABLES:
        DatabricksSqlOperator(task_id=f"vacuum_{table}", sql=f"VACUUM {table}", sql_endpoint_name="etl", pool="databricks")

with DAG("loop_capped", schedule="@daily", start_date=datetime(2024, 1, 1), max_active_runs=1, max_active_tasks=4, default_args=args) as capped:
    tasks = [DatabricksSqlOperator(task_id=f"analyze_{t}", sql=f"ANALYZE TABLE {t} COMPUTE STATISTICS", sql_endpoint_name="etl") for t in TABLES]

with DAG("loop_default_pool", schedule="@daily", start_date=datetime(2024, 1, 1), max_active_runs=1, default_args={**args, "pool": "databricks"}) as dp:
    for table in TABLES:
        DatabricksSqlOperator(task_id=f"refresh_{table}", sql=f"REFRESH TABLE {table}", sql_endpoint_name="etl")
