"""DBX203: loops that wait for Databricks."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX203"
ONLY: dict[str, object] = {"select": [CODE]}
HEAD = """\
import asyncio, time, requests
from time import sleep
from airflow.providers.databricks.hooks.databricks import DatabricksHook
from airflow.providers.standard.operators.python import PythonOperator
from databricks.sdk import WorkspaceClient
"""


def in_task(body: str, decorator: str = "@task") -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return dag_file(f'{HEAD}{decorator}\ndef wait(run_id=1):\n{lines}\nwith DAG("d"):\n    wait()\n')


HOOK = """\
hook = DatabricksHook("databricks")
while True:
    if hook.get_run_state(run_id).is_terminal:
        break
    time.sleep(10)
"""


@pytest.mark.parametrize(
    "body",
    [
        HOOK,
        HOOK.replace("time.sleep", "sleep"),
        "w = WorkspaceClient()\nwhile w.jobs.get_run(run_id).state.result_state is None:\n    time.sleep(5)\n",
        "w = WorkspaceClient()\nfor _ in range(99):\n    w.statement_execution.get_statement(1)\n    time.sleep(5)\n",
        "for _ in range(3):\n    w = WorkspaceClient()\n    w.jobs.get_run(run_id)\n    time.sleep(5)\n",
        'while True:\n    requests.get(f"https://{run_id}/api/2.1/jobs/runs/get?run_id=1")\n    time.sleep(1)\n',
        'while True:\n    requests.get(url="https://x/api/2.1/jobs/runs/get")\n    time.sleep(1)\n',
    ],
)
def test_reports_loops_that_ask_and_sleep(bench: Workbench, body: str) -> None:
    assert len(bench.findings(in_task(body), CODE)) == 1


@pytest.mark.parametrize(
    "body",
    [
        HOOK.replace("time.sleep(10)", "pass"),
        HOOK.replace("    time", "time"),
        'hook = DatabricksHook("x")\nhook.get_run_state(run_id)\nwhile True:\n    time.sleep(1)\n',
        "while True:\n    requests.get('https://example.com/health')\n    time.sleep(1)\n",
        "while True:\n    hook.get_run_state(run_id)\n    time.sleep(1)\n",
    ],
)
def test_is_silent_about_other_loops(bench: Workbench, body: str) -> None:
    assert bench.findings(in_task(body), CODE) == []


def test_callables_and_helpers_count(bench: Workbench) -> None:
    callable_ = f"{HEAD}def wait():\n" + "\n".join(f"    {line}" for line in HOOK.splitlines())
    body = f'{callable_}\nwith DAG("d"):\n    PythonOperator(task_id="t", python_callable=wait)\n'
    assert len(bench.findings(dag_file(body), CODE)) == 1
    helper = "def done(run_id):\n    return DatabricksHook('x').get_run_state(run_id).is_terminal\n"
    text = in_task("while not done(run_id):\n    time.sleep(1)\n").replace("@task", f"{helper}@task")
    assert len(bench.findings(text, CODE)) == 1


def test_suppressed(bench: Workbench) -> None:
    text = in_task(HOOK.replace("is_terminal:", "is_terminal:  # airbrick: ignore[DBX203]"))
    assert bench.codes(text, ONLY) == []
