from datetime import timedelta

import airflow.providers.databricks.operators.databricks as dbx
import pendulum
from airflow import models
from airflow.providers.databricks.operators import databricks_sql as dbsql
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator as Submit

with models.DAG("module_alias", schedule="@daily", start_date=pendulum.datetime(2024, 1, 1), catchup=False) as dag:
    one = dbx.DatabricksRunNowOperator(task_id="one", job_name="one")
    two = dbsql.DatabricksSqlOperator(task_id="two", sql="SELECT 1", sql_endpoint_name="s", retries=2)
    three = Submit(task_id="three", existing_cluster_id="0101-000000-idle99", notebook_task={"notebook_path": "/Shared/n"}, retries=2, timeout_seconds=60)
