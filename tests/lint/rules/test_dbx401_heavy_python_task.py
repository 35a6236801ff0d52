"""DBX401: which functions move data through the worker."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX401"
IMPORTS = """\
import io
from functools import partial
import pandas as pd
from airflow.providers.standard.operators.python import PythonOperator, PythonVirtualenvOperator
from airflow.providers.postgres.hooks.postgres import PostgresHook
"""


def count(bench: Workbench, body: str, **options: object) -> int:
    config = {"rules": {CODE: options}} if options else {}
    return len(bench.findings(dag_file(IMPORTS + body), CODE, config))


def task(lines: str) -> str:
    return f'with DAG("d"):\n    @task\n    def f(ti=None, name="n"):\n        {lines}\n    f()\n'


@pytest.mark.parametrize(
    "lines",
    [
        'pd.read_csv("s3://b/k")',
        'df = pd.read_parquet("x"); df[df["a"] > 1].to_parquet("y")',
        'ti.xcom_pull().to_sql("t", engine())',
        'rows = pd.DataFrame(ti.xcom_pull()); rows[rows["a"] > 1].to_csv(name)',
        'for part in pd.read_csv(name, chunksize=9): part.to_sql("t", "c")',
        "pd.DataFrame(ti.xcom_pull()).to_csv(name)",
        "a = pd.DataFrame(ti.xcom_pull()); b = pd.merge(a, a)",
        'PostgresHook("c").get_pandas_df("select 1")',
        "from pyspark.sql import SparkSession; SparkSession.builder.appName('x').getOrCreate()",
        "import polars as pl; pl.scan_parquet(name)",
        "from sklearn.cluster import KMeans; KMeans(3).fit(ti.xcom_pull())",
        "import duckdb; duckdb.sql('select 1')",
        "spark().table('x').toPandas()",
    ],
)
def test_reports_data_work(bench: Workbench, lines: str) -> None:
    assert count(bench, task(lines)) == 1


@pytest.mark.parametrize(
    "lines",
    [
        "return pd.Timestamp(name).isoformat()",
        'return pd.read_csv(io.StringIO("a,b"))',
        'return pd.DataFrame([{"a": 1}])',
        "return len(pd.read_json(ti.xcom_pull()))",
        'return f"select * from {name}"',
        "import requests; requests.get(name)",
        "return name.join(['a'])",
        'PostgresHook("c").run("vacuum")',
    ],
)
def test_is_silent_about_small_things(bench: Workbench, lines: str) -> None:
    assert count(bench, task(lines)) == 0


def test_the_threshold_is_an_option(bench: Workbench) -> None:
    small = task('return pd.read_csv(io.StringIO("a,b"))')
    assert count(bench, small, threshold=1) == 1
    assert count(bench, task('pd.read_csv("x")'), threshold=3) == 0


@pytest.mark.parametrize(
    "body",
    [
        'PythonOperator(task_id="t", python_callable=work)',
        'PythonOperator(task_id="t", python_callable=partial(work, 1))',
        'PythonOperator(task_id="t", python_callable=outer)',
        'PythonOperator(task_id="t", python_callable=lambda: work(1))',
        'PythonOperator(task_id="t", python_callable=Jobs().run)',
        'PythonOperator.partial(task_id="t", python_callable=work).expand(op_args=[[1], [2]])',
        'Mine(task_id="t", python_callable=work)',
        'PythonOperator(task_id="t", **{"python_callable": work})',
    ],
)
def test_a_callable_is_followed_from_its_operator(bench: Workbench, body: str) -> None:
    head = """\
def work(n): pd.read_sql("select 1", n)
def middle(): work(1)
def outer(): middle()
class Jobs:
    def run(self): work(1)
class Mine(PythonOperator): pass
with DAG("d"):
"""
    text = dag_file(f"{IMPORTS}{head}    {body}\n")
    (finding,) = bench.findings(text, CODE)
    assert text.splitlines()[finding.span.line - 1].strip() == body
    assert finding.notes[0].span is not None
    assert "read_sql" in text.splitlines()[finding.notes[0].span.line - 1]


def test_a_callable_of_a_file_beside_it_is_followed(bench: Workbench) -> None:
    bench.add_file("work.py", "import pandas as pd\ndef load(): pd.read_sql('q', 'c')\ndef small(): pass\n")
    body = """\
from work import load, small
with DAG("d"):
    PythonOperator(task_id="a", python_callable=load)
    PythonOperator(task_id="b", python_callable=load)
    PythonOperator(task_id="c", python_callable=small)
"""
    for _ in range(2):
        first, second = bench.findings(dag_file(IMPORTS + body), CODE)
        assert first.notes[0].path.name == "work.py"
        assert first.span.line == second.span.line - 1


def test_what_is_not_run_here_is_not_reported(bench: Workbench) -> None:
    work = 'def work(): pd.read_sql("select 1", "c")\n'
    assert count(bench, f'{work}with DAG("d"):\n    pass\n') == 0
    assert count(bench, f'{work}PythonVirtualenvOperator(task_id="t", python_callable=work)\n') == 0
    for variant in ("virtualenv", "docker(image='x')", "kubernetes", "external_python(python='p')", "pyspark"):
        assert count(bench, task('pd.read_csv("x")').replace("@task", f"@task.{variant}")) == 0
    elsewhere = 'from company import work, ARGS\nwith DAG("d"):\n    PythonOperator(task_id="t", '
    assert count(bench, f"{elsewhere}python_callable=work)\n") == 0
    assert count(bench, f"{elsewhere}**ARGS)\n") == 0


def test_one_finding_for_each_task_of_a_shared_function(bench: Workbench) -> None:
    body = """\
def work(): pd.read_csv("x")
with DAG("d"):
    PythonOperator(task_id="a", python_callable=work)
    PythonOperator(task_id="b", python_callable=work)
    for name in ("c", "d"):
        PythonOperator(task_id=name, python_callable=work)
"""
    assert count(bench, body) == 3


def test_suppressed(bench: Workbench) -> None:
    body = task('pd.read_csv("x")').replace("@task", "@task  # airbrick: ignore[DBX401]")
    assert count(bench, body) == 0
    body = task('pd.read_csv("x")').replace("    @task", "    # airbrick: ignore[DBX401]\n    @task")
    assert count(bench, body) == 0
