"""DBX803: connections that no stack provisions."""

import pytest
from tests.lint.workbench import Workbench, dag_file, in_dag

CODE = "DBX803"
ONLY: dict[str, object] = {"select": [CODE]}
RUN = 'DatabricksRunNowOperator(task_id="t", job_name="x", databricks_conn_id='


@pytest.fixture
def stocked(bench: Workbench) -> Workbench:
    bench.add_contract({}, connections=("databricks_orders", "databricks_größe"))
    return bench


@pytest.mark.parametrize(
    "task",
    [
        f'{RUN}"databricks_order")',
        f"{RUN}CONN)",
        'DatabricksSqlSensor(task_id="t", sql="select 1", databricks_conn_id="databricks_order")',
        'DatabricksWorkflowTaskGroup(group_id="t", databricks_conn_id="databricks_order")',
        'DatabricksHook("databricks_order")',
        'DatabricksHook(databricks_conn_id="databricks_order").get_run(1)',
    ],
)
def test_reports_names_that_are_not_provisioned(stocked: Workbench, task: str) -> None:
    head = """\
from airflow.providers.databricks.hooks.databricks import DatabricksHook
from airflow.providers.databricks.sensors.databricks_sql import DatabricksSqlSensor
CONN = "databricks_order"
"""
    (finding,) = stocked.findings(in_dag(task, head=head), CODE)
    assert finding.help == "did you mean 'databricks_orders'?"
    note = finding.notes[-1]
    assert note.path == stocked.contracts[0]
    assert note.span is not None
    assert '"connections"' in note.path.read_text(encoding="utf-8").splitlines()[note.span.line - 1]


@pytest.mark.parametrize(
    "task",
    [
        f'{RUN}"databricks_orders")',
        f'{RUN}"databricks_größe")',
        f'{RUN}"{{{{ var.value.conn }}}}")',
        f"{RUN}os.environ['CONN'])",
        f"{RUN}CONN)",
        f"{RUN}None)",
        'DatabricksRunNowOperator(task_id="t", job_name="x")',
        'PostgresOperator(task_id="t", postgres_conn_id="db")',
    ],
)
def test_is_silent_about_provisioned_and_computed_names(stocked: Workbench, task: str) -> None:
    assert stocked.findings(in_dag(task, head="import os\nfrom company import CONN\n"), CODE) == []


def test_a_stack_without_connections_says_nothing_about_them(bench: Workbench) -> None:
    assert bench.findings(in_dag(f'{RUN}"x")'), CODE) == []
    bench.add_contract({"orders": ()})
    assert bench.findings(in_dag(f'{RUN}"x")'), CODE) == []


def test_default_args_count_and_are_shown(stocked: Workbench) -> None:
    text = in_dag('RunNowOperator(task_id="t", job="x")', ', default_args={"databricks_conn_id": "zzz"}')
    (finding,) = stocked.findings(text, CODE)
    assert [note.path == stocked.path for note in finding.notes] == [True, False]


def test_names_the_stacks_in_which_it_holds(bench: Workbench) -> None:
    bench.add_contract({}, "dev", connections=("a",))
    bench.add_contract({}, "prod", connections=("a", "b"))
    (finding,) = bench.findings(in_dag(f'{RUN}"b")'), CODE)
    assert finding.stacks == ("dev",)
    assert finding.fix is None


def test_the_unsafe_fix_writes_the_nearest_name_where_it_is_defined(stocked: Workbench) -> None:
    text = dag_file(f"CONN = 'databricks_order'\nwith DAG(\"d\"):\n    {RUN}CONN)\n")
    assert not stocked.fix(text, unsafe=False, config=ONLY).changed
    result = stocked.fix(text, config=ONLY)
    assert result.after == text.replace("_order'", "_orders'")
    assert not stocked.fix(result.after, config=ONLY).changed


def test_suppressed(stocked: Workbench) -> None:
    assert stocked.codes(in_dag(f'{RUN}"x")  # airbrick: ignore[DBX803]'), ONLY) == []
