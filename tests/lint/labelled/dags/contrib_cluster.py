import airflow
from airflow.contrib.operators.databricks_operator import DatabricksSubmitRunOperator
from airflow.models import DAG

args = {"owner": "airflow", "email": ["airflow@example.com"], "start_date": airflow.utils.dates.days_ago(2)}

dag = DAG(dag_id="example_databricks_operator", default_args=args, schedule_interval="@daily")

new_cluster = {"spark_version": "2.1.0-db3-scala2.11", "node_type_id": "r3.xlarge", "aws_attributes": {"availability": "ON_DEMAND"}, "num_workers": 8}

notebook_task_params = {"new_cluster": new_cluster, "notebook_task": {"notebook_path": "/Users/airflow@example.com/PrepareData"}}
notebook_task = DatabricksSubmitRunOperator(task_id="notebook_task", dag=dag, json=notebook_task_params)
