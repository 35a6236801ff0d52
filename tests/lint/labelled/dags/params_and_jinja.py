from datetime import datetime, timedelta

from airflow.models.dag import DAG
from airflow.models.param import Param
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator
from airflow.models import Variable

with DAG(
    dag_id="params_and_jinja",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    params={"job_id": Param(12345, type="integer"), "cluster": Param("0123-000000-abc", type="string")},
    default_args={"retries": 2, "execution_timeout": timedelta(hours=1)},
    render_template_as_native_obj=True,
) as dag:
    from_param = DatabricksRunNowOperator(task_id="from_param", job_id="{{ params.job_id }}")
    from_variable = DatabricksRunNowOperator(task_id="from_variable", job_id=Variable.get("job"))
    from_json = DatabricksRunNowOperator(task_id="from_json", json={"job_id": 77, "notebook_params": {"day": "{{ ds }}"}}, deferrable=True)
    placeholder = DatabricksRunNowOperator(task_id="placeholder", job_id="<JOB_ID>", wait_for_termination=True)
