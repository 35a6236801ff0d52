"""DBX404: which results are too large for XCom."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX404"
ONLY = {"select": [CODE]}


def count(bench: Workbench, body: str) -> int:
    return len(bench.findings(dag_file(body), CODE, ONLY))


def sql(query: str, more: str = "", head: str = "", arguments: str = "") -> str:
    call = f'DatabricksSqlOperator(task_id="t", sql={query}{more})'
    return f'{head}with DAG("d"{arguments}):\n    {call}\n'


@pytest.mark.parametrize(
    "query",
    [
        '"select * from t"',
        "\"SELECT a, b FROM t WHERE day = '{{ ds }}'\"",
        '"-- all\\n(select 1 from t)"',
        '"with x as (select 1) select * from x"',
        '"select count(*), day from t group by day"',
        '["use x", "select * from t"]',
        "QUERY",
    ],
)
def test_reports_queries_without_a_bound(bench: Workbench, query: str) -> None:
    body = sql(query, head='QUERY = "select * from t"\n')
    assert count(bench, body) == 1
    assert not bench.findings(dag_file(body), CODE)


@pytest.mark.parametrize(
    "query",
    [
        '"select * from t limit 10"',
        '"select count(*) from t"',
        '"select max(day) as day, min(day) from t"',
        '"select 1"',
        '"insert into t select * from u"',
        '"with x as (select 1) insert into t select * from x"',
        '"vacuum t"',
        '"queries/orders.sql"',
        '"{{ var.value.query }}"',
        '["select * from t", "vacuum t"]',
        "company.QUERY",
        'f"select * from t {company.TAIL}"',
    ],
)
def test_is_silent_about_small_and_unknown_results(bench: Workbench, query: str) -> None:
    assert count(bench, sql(query, head="import company\n")) == 0


@pytest.mark.parametrize("more", [", do_xcom_push=False", ', output_path="x.csv"', ", **company.ARGS"])
def test_what_is_not_pushed_is_fine(bench: Workbench, more: str) -> None:
    assert count(bench, sql('"select * from t"', more, "import company\n")) == 0


def test_default_args_and_splats(bench: Workbench) -> None:
    head = 'ARGS = {"do_xcom_push": False}\n'
    assert count(bench, sql('"select * from t"', "", head, ", default_args=ARGS")) == 0
    assert count(bench, sql('"select * from t"', ", **ARGS", head)) == 0
    assert count(bench, sql('"select * from t"', "", head, ", default_args={'retries': 1}")) == 1


@pytest.mark.parametrize(
    "line",
    [
        'return PostgresHook("c").get_records("select 1")',
        'rows = PostgresHook("c").get_pandas_df("select 1"); return rows',
        "return spark().table('t').toPandas()",
        "return pandas.read_sql('select 1', 'c')",
    ],
)
def test_reports_rows_that_a_function_returns(bench: Workbench, line: str) -> None:
    head = "import pandas\nfrom airflow.providers.postgres.hooks.postgres import PostgresHook\n"
    body = f"{head}@task\ndef f():\n    {line}\nf()\n"
    assert count(bench, body) == 1
    assert count(bench, body.replace("@task", "@task(do_xcom_push=False)")) == 0
    assert count(bench, body.replace("return", "x =")) == 0


def test_suppressed(bench: Workbench) -> None:
    assert count(bench, sql('"select * from t"').replace("sql=", "# noqa: DBX404\n        sql=")) == 0
