"""DBX402: what happens when a file is parsed, and what does not."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX402"
IMPORTS = """\
import os
import boto3
import pandas as pd
import requests
from airflow.hooks.base import BaseHook
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.providers.standard.operators.python import PythonOperator
from databricks import sql
from databricks.sdk import WorkspaceClient
"""
DAG = 'with DAG("d") as d:\n    pass\n'


def count(bench: Workbench, body: str, **config: object) -> int:
    settings = {key.replace("_", "-"): value for key, value in config.items()}
    return len(bench.findings(dag_file(IMPORTS + body), CODE, settings))


@pytest.mark.parametrize(
    "line",
    [
        'x = requests.get("https://example.com").json()',
        'x = BaseHook.get_connection("c").host',
        'x = PostgresHook("c").get_records("select 1")',
        "x = [job.job_id for job in WorkspaceClient().jobs.list()]",
        "connection = sql.connect()\ncursor = connection.cursor()",
        'x = pd.read_sql("select 1", "c")',
        'x = pd.read_csv("https://example.com/x.csv")',
        "x = pd.read_parquet(f\"s3://bucket/{os.environ['ENV']}.parquet\")",
        'x = boto3.client("s3").list_objects()',
        's = requests.Session()\nx = s.get("u")',
        'hook = PostgresHook("c")\nx = hook.get_first("a")\ny = hook.get_first("b")',
        'x = BaseHook(logger_name=None).get_connection("c")',
        "def tables():\n    return PostgresHook('c').get_records('x')\nx = tables()",
        "def inner():\n    return requests.get('u')\ndef outer():\n    return inner()\nx = outer()",
        "def f(x=requests.get('u')):\n    pass",
        "class C:\n    x = requests.get('u')",
        "class C:\n    def __init__(self):\n        self.x = requests.get('u')\nc = C()",
        "@task(retries=int(requests.get('u').text))\ndef f(): pass",
        "try:\n    x = requests.get('u')\nexcept Exception:\n    x = None",
    ],
)
def test_reports_what_goes_to_a_server(bench: Workbench, line: str) -> None:
    assert count(bench, f"{line}\n{DAG}") == 1


@pytest.mark.parametrize(
    "body",
    [
        'with DAG("d"):\n    BODY',
        "@dag\ndef d():\n    BODY\nd()",
        "@task_group\ndef g():\n    BODY\nwith DAG('d'):\n    g()",
    ],
)
def test_bodies_of_dags_are_parsed(bench: Workbench, body: str) -> None:
    assert count(bench, body.replace("BODY", "requests.get('u')") + "\n" + DAG) == 1


@pytest.mark.parametrize(
    "line",
    [
        "def f(): return requests.get('u')",
        "def f(): return requests.get('u')\nPythonOperator(task_id='t', python_callable=f, dag=d)",
        "@task\ndef f(): return requests.get('u')\nf()",
        "f = lambda: requests.get('u')",
        "def f(context): requests.post('u')\nARGS = {'on_failure_callback': f}\nDAG('e', on_failure_callback=f)",
        "class C:\n    def execute(self, context): requests.get('u')",
        "if __name__ == '__main__':\n    requests.get('u')",
        "x = open('config.yaml').read()",
        "x = os.environ['X']",
        "x = pd.read_csv('config.csv')",
        "hook = PostgresHook('c')",
        "from company.hooks import OurHook\nx = OurHook('c').load()",
        "x = PostgresHook('c').get_uri()",
        "s3 = boto3.client('s3')",
        "from company import load\nx = load()",
        "x = Variable.get('x')",
        "x = '{{ conn.db.host }}'",
        "if False:\n    requests.get('u')",
        "hook = PostgresHook('c')\ndef f(): hook.run('x')\nPythonOperator(task_id='t', python_callable=f, dag=d)",
    ],
)
def test_is_silent_about_what_waits_for_a_task(bench: Workbench, line: str) -> None:
    assert count(bench, f"{DAG}{line}\n") == 0


def test_variables_are_left_to_ruff_unless_told_otherwise(bench: Workbench) -> None:
    assert count(bench, f"x = Variable.get('x')\n{DAG}", defer_to_ruff=False) == 1


def test_a_file_without_dags_is_not_judged(bench: Workbench) -> None:
    assert count(bench, "requests.get('u')\n") == 0


def test_a_hook_is_reported_where_it_is_built(bench: Workbench) -> None:
    text = dag_file(f"{IMPORTS}a = PostgresHook('a')\nb = PostgresHook('b')\nx = a.get_first('q')\n{DAG}")
    (finding,) = bench.findings(text, CODE)
    assert "a = Postgres" in text.splitlines()[finding.span.line - 1]
    assert finding.notes[0].span is not None
    assert "get_first" in text.splitlines()[finding.notes[0].span.line - 1]


def test_the_call_that_leads_there_is_shown(bench: Workbench) -> None:
    text = dag_file(f"{IMPORTS}def f():\n    return requests.get('u')\nx = f()\n{DAG}")
    (finding,) = bench.findings(text, CODE)
    assert "requests.get" in text.splitlines()[finding.span.line - 1]
    (note,) = finding.notes
    assert note.span is not None
    assert text.splitlines()[note.span.line - 1] == "x = f()"


def test_values_through_default_args_and_splats(bench: Workbench) -> None:
    body = 'ARGS = {"owner": requests.get("u").text}\nwith DAG("d", default_args=ARGS, **ARGS):\n    pass\n'
    assert count(bench, body) == 1
    assert count(bench, f"from company import ARGS\ncall(**ARGS)\n{DAG}") == 0


def test_suppressed(bench: Workbench) -> None:
    assert count(bench, f"x = requests.get('u')  # airbrick: ignore[DBX402] cached\n{DAG}") == 0


def test_what_f_strings_hold_is_reported_where_they_stand(bench: Workbench) -> None:
    connections = "".join(f"{name} = f\"{{BaseHook.get_connection('{name}').host}}/v1\"\n" for name in "xy")
    text = dag_file(f"{IMPORTS}{connections}x = (\n    'one '\n    f'{{requests.get(1)}}')\n{DAG}")
    findings = bench.findings(text, CODE)
    lines = [text.splitlines()[finding.span.line - 1] for finding in findings]
    assert [line.split("=")[0].strip() for line in lines] == ["x", "y", "'one '"]
    assert len({finding.fingerprint for finding in findings}) == 3


def test_a_comment_that_suppresses_what_an_f_string_holds_is_used(bench: Workbench) -> None:
    line = "x = f'{requests.get(1).text}'  # airbrick: ignore[DBX402] cached"
    text = dag_file(f'{IMPORTS}{line}\ny = f"""\n{{requests.get(2).text}}\n"""  # airbrick: ignore[DBX402] too\n{DAG}')
    assert bench.codes(text, {"select": [CODE, "DBX902"]}) == []
    assert not bench.fix(text).changed
