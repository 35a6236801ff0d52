from datetime import datetime
from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

default_args = {
    'owner': 'airflow',
    'retries': 1,
}

with DAG('crlf_dag', default_args=default_args, schedule_interval='@daily',
         start_date=datetime(2022, 5, 5), catchup=False) as dag:

    ingest = DatabricksRunNowOperator(
        task_id='ingest',
        databricks_conn_id='databricks',
        job_id=101,
    )
    model = DatabricksRunNowOperator(task_id='model', databricks_conn_id='databricks', job_id=102)
    ingest >> model
