from datetime import datetime, timedelta

from acme.airflow import AcmeDag, DatabricksWorkflow
from acme.operators import MozDatabricksSubmitRunOperator, SlackDatabricksReporter
from airflow import DAG

with DAG("inhouse", schedule="@daily", start_date=datetime(2024, 1, 1), max_active_runs=1) as dag:
    churn = MozDatabricksSubmitRunOperator(task_id="churn", env="prod", instance_count=5, new_cluster={"spark_version": "7.3.x-scala2.12"})
    slack = SlackDatabricksReporter(task_id="slack", channel="#data")

ttd = AcmeDag(dag_id="acme", schedule_interval="0 1 * * *", start_date=datetime(2024, 1, 1))
flow = DatabricksWorkflow(job_name="acme", cluster_name="acme", cluster_tags={"Team": "a"}, worker_node_type="m5.large")
