from datetime import datetime

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

ARGS = {"retries": 2, "deferrable": True, "timeout_seconds": 5400}
JAR = "dbfs:/FileStore/jars/etl-assembly.jar"

with DAG("dbfs_artifacts", schedule=None, start_date=datetime(2024, 1, 1), default_args=ARGS) as dag:
    py = DatabricksSubmitRunOperator(task_id="py", existing_cluster_id="{{ var.value.c }}", spark_python_task={"python_file": "dbfs:/scripts/etl.py"})
    jar = DatabricksSubmitRunOperator(task_id="jar", existing_cluster_id="{{ var.value.c }}", spark_jar_task={"main_class_name": "a.B"}, libraries=[{"jar": JAR}])
    volume = DatabricksSubmitRunOperator(task_id="volume", existing_cluster_id="{{ var.value.c }}", spark_python_task={"python_file": "/Volumes/main/code/etl.py"})
    pypi = DatabricksSubmitRunOperator(task_id="pypi", existing_cluster_id="{{ var.value.c }}", notebook_task={"notebook_path": "/Shared/n"}, libraries=[{"pypi": {"package": "dbfs-tools"}}])
    init = DatabricksSubmitRunOperator(
        task_id="init",
        new_cluster={
            "spark_version": "15.4.x-scala2.12",
            "node_type_id": "m5.large",
            "num_workers": 1,
            "data_security_mode": "SINGLE_USER",
            "init_scripts": [{"dbfs": {"destination": "dbfs:/init/setup.sh"}}],
        },
        notebook_task={"notebook_path": "/Shared/n"},
    )
