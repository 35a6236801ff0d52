"""DBX504: which warehouses are named by their id."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX504"
PATH = '"/sql/1.0/warehouses/1a2b3c4d5e6f7a8b"'
SQL = 'DatabricksSqlOperator(task_id="t", sql="vacuum x"'
STATEMENT = 'DatabricksSQLStatementsOperator(task_id="t", statement="vacuum x"'


def count(bench: Workbench, body: str) -> int:
    return len(bench.findings(dag_file(body), CODE))


def in_dag(call: str, head: str = "", arguments: str = "") -> str:
    return f'{head}with DAG("d"{arguments}):\n    {call}\n'


@pytest.mark.parametrize(
    "call",
    [
        f"{SQL}, http_path={PATH})",
        f'{SQL}, http_path="sql/1.0/endpoints/abc")',
        f'{STATEMENT}, warehouse_id="1a2b3c4d5e6f7a8b")',
        'DatabricksSubmitRunOperator(task_id="t", json={"sql_task": {"warehouse_id": "1a2b"}})',
        'DatabricksSubmitRunOperator(task_id="t", tasks=[{"sql_task": {"warehouse_id": "1a2b"}}])',
        f"sql.connect(server_hostname=x, http_path={PATH})",
        f'DatabricksSqlHook("c", http_path={PATH})',
    ],
)
def test_reports_literal_ids(bench: Workbench, call: str) -> None:
    head = (
        "from databricks import sql\nfrom airflow.providers.databricks.hooks.databricks_sql import DatabricksSqlHook\n"
    )
    assert count(bench, in_dag(call, head + "from company import x\n")) == 1


@pytest.mark.parametrize(
    "call",
    [
        f"{SQL})",
        f'{SQL}, sql_endpoint_name="shared")',
        f'{SQL}, http_path="{{{{ var.value.path }}}}")',
        f'{SQL}, http_path="/sql/1.0/warehouses/{{{{ var.value.id }}}}")',
        f'{SQL}, http_path=f"/sql/1.0/warehouses/{{company.ID}}")',
        f'{SQL}, http_path=os.environ["HTTP_PATH"])',
        f'{STATEMENT}, warehouse_id="{{{{ var.value.id }}}}")',
        f"{STATEMENT}, warehouse_id=company.ID)",
        f"{STATEMENT}, **company.ARGS)",
        'DatabricksRunNowOperator(task_id="t", job_id=1)',
    ],
)
def test_is_silent_about_ids_from_elsewhere(bench: Workbench, call: str) -> None:
    assert count(bench, in_dag(call, "import os\nimport company\n")) == 0


def test_named_constants_default_args_and_splats(bench: Workbench) -> None:
    head = f'PATH = {PATH}\nARGS = {{"http_path": PATH}}\n'
    (finding,) = bench.findings(dag_file(in_dag(f"{SQL}, http_path=PATH)", head)), CODE)
    assert finding.notes[0].message == "the warehouse is named here"
    assert count(bench, in_dag(f"{SQL}, **ARGS)", head)) == 1
    assert count(bench, in_dag(f"{SQL})", head, ", default_args=ARGS")) == 1
    assert count(bench, in_dag(f"{STATEMENT})", head, ", default_args=ARGS")) == 0


def test_suppressed(bench: Workbench) -> None:
    assert count(bench, in_dag(f"{SQL}, http_path={PATH})  # airbrick: ignore[DBX504]")) == 0
