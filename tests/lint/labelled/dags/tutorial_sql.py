from datetime import datetime
from airflow import DAG
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator

with DAG('example_databricks_sql', start_date=datetime(2021, 1, 1), schedule_interval='@daily', catchup=False) as dag:
    create = DatabricksSqlOperator(
        databricks_conn_id='my_conn',
        http_path='/sql/1.0/warehouses/fedcba9876543210',
        task_id='create_and_populate',
        sql=[
            'drop table if exists default.my_table',
            'create table default.my_table(id int, v string)',
        ],
    )
    select = DatabricksSqlOperator(
        databricks_conn_id='my_conn', sql_endpoint_name='starter', task_id='select_data', sql='select * from default.my_table limit 10')
    create >> select
