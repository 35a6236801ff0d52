"""DBX403: which calls start runs behind Airflow's back."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX403"
IMPORTS = """\
import requests
from airflow.providers.databricks.hooks.databricks import DatabricksHook
from airflow.providers.standard.operators.python import PythonOperator
from databricks.sdk import WorkspaceClient
"""
LINES = [
    'DatabricksHook("c").run_now({"job_id": 1})',
    "hook = DatabricksHook(); hook.submit_run(BODY)",
    "WorkspaceClient().jobs.run_now(job_id=1)",
    "w = WorkspaceClient(); w.jobs.run_now_and_wait(1)",
    "WorkspaceClient().jobs.submit(tasks=[]).result()",
    'requests.post(f"https://{host}/api/2.1/jobs/run-now", json={})',
    'requests.post(url=HOST + "/api/2.2/jobs/runs/submit")',
    'DatabricksSubmitRunOperator(task_id="t", json={}).execute({})',
]


def count(bench: Workbench, body: str) -> int:
    return len(bench.findings(dag_file(IMPORTS + body), CODE))


def task(line: str) -> str:
    return f'with DAG("d"):\n    @task\n    def f(host=None):\n        {line}\n    f()\n'


@pytest.mark.parametrize("line", LINES)
def test_reports_runs_started_in_a_task(bench: Workbench, line: str) -> None:
    assert count(bench, task(line)) == 1


@pytest.mark.parametrize("line", LINES)
def test_reports_runs_started_in_a_callable_and_its_helpers(bench: Workbench, line: str) -> None:
    head = f"def work(host=None):\n    {line}\ndef outer():\n    work()\n"
    assert count(bench, f'{head}with DAG("d"):\n    PythonOperator(task_id="t", python_callable=outer)\n') == 1


@pytest.mark.parametrize(
    "line",
    [
        "WorkspaceClient().jobs.list()",
        "WorkspaceClient().clusters.list()",
        'DatabricksHook("c").get_run_state(1)',
        'requests.get("https://example.com/api/2.1/jobs/runs/list")',
        'requests.post("https://example.com/hooks/run-now")',
        "company.hook.run_now({})",
        "host.run_now(1)",
        'DatabricksSqlOperator(task_id="t", sql="select 1").execute({})',
    ],
)
def test_is_silent_about_other_calls(bench: Workbench, line: str) -> None:
    assert count(bench, f"import company\n{task(line)}") == 0


def test_functions_that_no_task_runs_are_not_known(bench: Workbench) -> None:
    line = LINES[0]
    assert count(bench, f"def helper():\n    {line}\n") == 0
    assert count(bench, f"from company import ARGS\ndef helper():\n    {line}\nPythonOperator(**ARGS)\n") == 0


def test_an_operator_of_ones_own_starts_runs(bench: Workbench) -> None:
    body = f"class Mine(BaseOperator):\n    def execute(self, context):\n        {LINES[0]}\n"
    assert count(bench, f"from airflow.sdk import BaseOperator\n{body}") == 0


def test_default_args_and_named_dicts(bench: Workbench) -> None:
    body = """\
BODY = {"job_id": 1}
ARGS = {"on_failure_callback": print}
def work():
    DatabricksHook("c").run_now(BODY)
CALL = {"task_id": "t", "python_callable": work}
with DAG("d", default_args=ARGS):
    PythonOperator(**CALL)
"""
    assert count(bench, body) == 1


def test_operators_of_a_dag_are_meant_to_start_runs(bench: Workbench) -> None:
    assert count(bench, 'with DAG("d"):\n    DatabricksSubmitRunOperator(task_id="t", json={})\n') == 0


def test_suppressed(bench: Workbench) -> None:
    assert count(bench, task(f"{LINES[0]}  # airbrick: ignore[DBX403]")) == 0
