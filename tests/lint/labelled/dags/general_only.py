from datetime import datetime

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from airflow.sensors.external_task import ExternalTaskSensor


def greet(name):
    print(f"hello {name}")


dag = DAG("general_only", schedule_interval="@daily", start_date=datetime(2023, 1, 1), catchup=True)
wait = ExternalTaskSensor(task_id="wait", external_dag_id="databricks_nightly", dag=dag)
hello = PythonOperator(task_id="hello", python_callable=greet, op_args=["world"], dag=dag)
for n in range(50):
    BashOperator(task_id=f"b{n}", bash_command="true", dag=dag)
