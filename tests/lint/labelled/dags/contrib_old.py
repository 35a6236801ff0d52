from datetime import datetime, timedelta

from airflow import DAG
from airflow.contrib.operators.databricks_operator import DatabricksRunNowOperator, DatabricksSubmitRunOperator

args = {
    'owner': 'airflow',
    'depends_on_past': False,
    'start_date': datetime(2019, 6, 1),
    'retries': 1,
    'retry_delay': timedelta(minutes=1),
    'execution_timeout': timedelta(hours=3),
}

dag = DAG('contrib_old', default_args=args, schedule_interval='0 12 * * *', catchup=True)

t1 = DatabricksSubmitRunOperator(
    task_id='spark_jar',
    dag=dag,
    existing_cluster_id='0611-120000-abc123',
    spark_jar_task={'main_class_name': 'com.example.Main'},
    libraries=[{'jar': 'dbfs:/jars/main.jar'}],
)
t2 = DatabricksRunNowOperator(task_id='nightly', dag=dag, job_id=7)
t2.set_upstream(t1)
