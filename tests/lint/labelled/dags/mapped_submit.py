import pendulum
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator
from airflow.sdk import DAG, task

with DAG("mapped_submit", schedule="@daily", start_date=pendulum.datetime(2025, 1, 1), default_args={"retries": 2}) as dag:

    @task
    def payloads():
        return [{"tasks": []}]

    subs = DatabricksSubmitRunOperator.partial(task_id="subs", deferrable=True, timeout_seconds=300).expand(json=payloads())
    off = DatabricksSubmitRunOperator.partial(task_id="off", deferrable=False, timeout_seconds=300, pool="p").expand(json=payloads())
    sqls = DatabricksSqlOperator.partial(task_id="sqls", sql_endpoint_name="s", execution_timeout=pendulum.duration(hours=1)).expand(sql=payloads())
