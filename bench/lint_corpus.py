"""A project of DAG files that is like real ones in what they hold, made anew from a seed.

The shares were counted in 1,793 public DAG files: a sixth works with Databricks, two thirds write
``with DAG(…)``, half keep ``default_args`` in a dict of the module, a file has 135 lines, a few do not parse.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

SEED: Final = 7
_DATABRICKS_SHARE: Final = 0.17
_BROKEN_SHARE: Final = 0.005
_LINES: Final = 135
_SHARED_SHARE: Final = 0.2
_CATCHUP_SHARE: Final = 0.1
_DEFAULT_ARGS_SHARE: Final = 0.6
_DECORATOR_SHARE: Final = 0.13
_ASSIGNED_SHARE: Final = 0.18
_FILES_PER_FOLDER: Final = 60

Choice = random.Random


def write_project(folder: Path, files: int, *, seed: int = SEED) -> list[Path]:
    """Write the DAG files of a project, some with helpers that several of them import."""
    choice = random.Random(seed)  # noqa: S311 - the same files at every run
    paths: list[Path] = []
    for number in range(files):
        team = folder / "dags" / f"team_{number // _FILES_PER_FOLDER:03}"
        if number % _FILES_PER_FOLDER == 0:
            team.mkdir(parents=True, exist_ok=True)
            (team / "common.py").write_text(_COMMON)
        path = team / f"dag_{number:05}.py"
        path.write_text(dag_file(choice, number))
        paths.append(path)
    return paths


def write_plain_project(folder: Path, files: int) -> None:
    """Write Python files that have nothing to do with Airflow."""
    for number in range(files):
        package = folder / f"package_{number // 100:03}"
        if number % 100 == 0:
            package.mkdir(parents=True, exist_ok=True)
        (package / f"module_{number:05}.py").write_text(_filler(random.Random(number), _LINES))  # noqa: S311 - as above


_COMMON: Final = """\
from datetime import timedelta

DEFAULT_ARGS = {"owner": "data", "retries": 2, "retry_delay": timedelta(minutes=5)}
CLUSTER = {"spark_version": "11.3.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 8}
CONN_ID = "databricks_default"
"""


def dag_file(choice: Choice, number: int) -> str:
    """Make one DAG file."""
    databricks = choice.random() < _DATABRICKS_SHARE
    head = [
        "import json",
        "import os",
        "from datetime import datetime, timedelta",
        "",
        "from airflow import DAG",
        "from airflow.decorators import dag, task",
        "from airflow.operators.bash import BashOperator",
        "from airflow.operators.python import PythonOperator",
    ]
    if databricks:
        head.append("from airflow.providers.databricks.operators.databricks import (")
        head.append("    DatabricksNotebookOperator, DatabricksRunNowOperator, DatabricksSubmitRunOperator,")
        head.append(")")
    shared = choice.random() < _SHARED_SHARE
    head += ["from common import CLUSTER, CONN_ID, DEFAULT_ARGS" if shared else _own_constants(), ""]
    tasks = [_task(choice, index, databricks=databricks) for index in range(choice.choice((1, 2, 2, 3, 4, 6, 9)))]
    body = _dag(choice, number, tasks)
    filler = _filler(choice, max(10, int(choice.gauss(_LINES, 40)) - len(head) - body.count("\n")))
    text = "\n".join(head) + "\n" + filler + body
    return text.replace("with DAG", "with DAG DAG", 1) if choice.random() < _BROKEN_SHARE else text


def _own_constants() -> str:
    return f"""\
DEFAULT_ARGS = {{"owner": "data", "depends_on_past": False, "email_on_failure": False, "retries": 1}}
CLUSTER = {{
    "spark_version": "7.3.x-scala2.12",
    "node_type_id": "Standard_DS3_v2",
    "num_workers": 4,
    "spark_conf": {{"spark.databricks.delta.preview.enabled": "true"}},
}}
CONN_ID = {'"databricks_default"'}"""


def _dag(choice: Choice, number: int, tasks: list[str]) -> str:
    schedule = choice.choice(('"@daily"', '"0 3 * * *"', "None", "timedelta(hours=1)", '"@once"'))
    catchup = choice.random() < _CATCHUP_SHARE
    arguments = f'schedule={schedule}, start_date=datetime(2023, 1, 1), catchup={catchup}, tags=["etl"]'
    if choice.random() < _DEFAULT_ARGS_SHARE:
        arguments = f"default_args=DEFAULT_ARGS, {arguments}"
    form = choice.random()
    if form < _DECORATOR_SHARE:
        inner = "".join(f"    {line}\n" for task in tasks for line in task.splitlines())
        return f"\n@dag({arguments})\ndef orders_{number}():\n{inner}\n\norders_{number}()\n"
    names = " >> ".join(f"t{index}" for index in range(len(tasks)))
    if form < _DECORATOR_SHARE + _ASSIGNED_SHARE:
        inner = "\n".join(task.replace("task_id=", "dag=dag, task_id=", 1) for task in tasks)
        return f'\ndag = DAG("orders_{number}", {arguments})\n{inner}\n{names}\n'
    inner = "".join(f"    {line}\n" for task in tasks for line in task.splitlines())
    return f'\nwith DAG("orders_{number}", {arguments}) as dag:\n{inner}    {names}\n'


def _task(choice: Choice, index: int, *, databricks: bool) -> str:
    makers = (_run_now, _run_now, _submit_run, _submit_run, _notebook, _bash) if databricks else (_bash, _python)
    maker: Callable[[Choice, int], str] = choice.choice(makers)
    return maker(choice, index)


def _run_now(choice: Choice, index: int) -> str:
    literal = choice.randrange(10**6)
    jobs = (f"job_id={literal}", f'job_id="{index}91"', 'job_name="orders"', 'job_id="{{ var.value.job }}"')
    parameters = 'notebook_params={"run_date": "{{ ds }}", "region": "eu"}'
    return _call("DatabricksRunNowOperator", index, "databricks_conn_id=CONN_ID", choice.choice(jobs), parameters)


def _submit_run(choice: Choice, index: int) -> str:
    cluster = choice.choice(
        (
            '"new_cluster": CLUSTER',
            '"existing_cluster_id": "0201-103000-abcd123"',
            '"new_cluster": {**CLUSTER, "num_workers": 2}',
        )
    )
    json = f'json={{{cluster}, "notebook_task": {{"notebook_path": "/Users/ann@example.com/load"}}}}'
    return _call("DatabricksSubmitRunOperator", index, 'databricks_conn_id="databricks_default"', json)


def _notebook(choice: Choice, index: int) -> str:
    path = f'notebook_path="/Shared/load_{choice.randrange(9)}"'
    return _call("DatabricksNotebookOperator", index, path, 'source="WORKSPACE"', "new_cluster=CLUSTER")


def _bash(choice: Choice, index: int) -> str:
    command = f'bash_command=f"echo {{os.getcwd()}} {choice.randrange(99)}"'
    return _call("BashOperator", index, command, f"retries={choice.randrange(4)}")


def _python(choice: Choice, index: int) -> str:
    function = f"python_callable=step_{choice.randrange(3)}"
    return _call("PythonOperator", index, function, 'op_kwargs={"table": "orders"}')


def _call(name: str, index: int, *arguments: str) -> str:
    lines = "".join(f"    {argument},\n" for argument in (f'task_id="task_{index}"', *arguments))
    return f"t{index} = {name}(\n{lines})"


def _filler(choice: Choice, lines: int) -> str:
    """Write functions as helpers of a DAG file have them."""
    pieces: list[str] = []
    written = number = 0
    while written < lines:
        name = f"step_{number}"
        piece = f'''
def {name}(table="orders", limit={choice.randrange(1000)}, **context):
    """Load a table and say how many rows there are."""
    # The partition is the day of the run.
    day = context.get("ds", "2023-01-01")
    query = f"SELECT id, amount FROM {{table}} WHERE day = '{{day}}' LIMIT {{limit}}"
    rows = []
    for index in range(limit):
        row = {{"id": index, "amount": index * {choice.randrange(9)} + 1, "day": day}}
        if row["amount"] % 2 == 0 and index not in (3, 5):
            rows.append(json.dumps(row))
        elif len(rows) > 10:
            break
    return {{"query": query, "rows": len(rows), "home": os.environ.get("HOME", "")}}

'''  # noqa: S608 - a text that is linted
        pieces.append(piece)
        written += piece.count("\n")
        number += 1
    return "".join(pieces)
