"""DBX503: which operators leave the connection to the default."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX503"
ONLY = {"select": [CODE]}
RUN = 'DatabricksRunNowOperator(task_id="t", job_id=1'


def count(bench: Workbench, body: str) -> int:
    return len(bench.findings(dag_file(body), CODE, ONLY))


def in_dag(call: str, head: str = "", arguments: str = "") -> str:
    return f'{head}with DAG("d"{arguments}):\n    {call}\n'


@pytest.mark.parametrize(
    "call",
    [
        f"{RUN})",
        'RunNowOperator(task_id="t", job="j")',
        'DatabricksSqlOperator(task_id="t", sql="select 1")',
        'DatabricksRunNowOperator.partial(task_id="t").expand(job_id=[1, 2])',
    ],
)
def test_reports_what_says_no_connection(bench: Workbench, call: str) -> None:
    assert count(bench, in_dag(call)) == 1
    assert not bench.findings(dag_file(in_dag(call)), CODE)


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (f'{RUN}, databricks_conn_id="c")', ""),
        (f"{RUN}, databricks_conn_id=company.CONN)", ""),
        (f"{RUN})", ', default_args={"databricks_conn_id": "c"}'),
        (f"{RUN})", ", default_args=company.ARGS"),
        (f"{RUN}, **company.ARGS)", ""),
        (f"{RUN}, **ARGS)", ""),
        ('with DatabricksWorkflowTaskGroup("g", databricks_conn_id="c"):\n        DatabricksNotebookOperator()', ""),
        ("@task\n    def f(c):\n        DatabricksRunNowOperator(job_id=1).execute(c)", ""),
    ],
)
def test_is_silent_where_it_is_said_or_not_known(bench: Workbench, call: str, arguments: str) -> None:
    assert count(bench, in_dag(call, 'import company\nARGS = {"databricks_conn_id": "c"}\n', arguments)) == 0


def test_the_fix_writes_the_default_down(bench: Workbench) -> None:
    text = dag_file(in_dag(f"{RUN},  # ünï\r\n    )"))
    fixed = bench.fix(text, config=ONLY)
    assert fixed.after == text.replace("job_id=1,", 'job_id=1, databricks_conn_id="databricks_default",')
    assert not bench.fix(fixed.after, config=ONLY).changed
    assert not bench.fix(text, unsafe=False, config=ONLY).changed


def test_suppressed(bench: Workbench) -> None:
    assert count(bench, in_dag(f"{RUN})  # airbrick: ignore[DBX503]")) == 0
