"""DBX701: tasks that nothing bounds."""

import pytest
from tests.lint.workbench import Workbench, dag_file, in_dag

CODE = "DBX701"
ONLY: dict[str, object] = {"select": [CODE]}
RUN = 'DatabricksRunNowOperator(task_id="t", job_name="orders job"'
SUBMIT = 'DatabricksSubmitRunOperator(task_id="t"'


@pytest.mark.parametrize(
    "task",
    [
        f"{RUN})",
        f"{RUN}, execution_timeout=None)",
        f"{RUN}, execution_timeout=timedelta(seconds=3)) if computed() else {RUN})",
        f"{SUBMIT}, json={{'timeout_seconds': 0}})",
        f"{SUBMIT}, timeout_seconds=0)",
        'DatabricksSqlOperator(task_id="t", sql="select 1")',
        'DatabricksNotebookOperator(task_id="t", notebook_path="/n", source="WORKSPACE")',
        'RunNowOperator(task_id="t", job="orders")',
        f"{RUN}).expand(notebook_params=[])".replace("Operator(", "Operator.partial("),
    ],
)
def test_reports_tasks_without_any_bound(bench: Workbench, task: str) -> None:
    assert len(bench.findings(in_dag(task), CODE)) == 1


@pytest.mark.parametrize(
    "task",
    [
        f"{RUN}, execution_timeout=timedelta(hours=1))",
        f"{RUN}, execution_timeout=LIMIT)",
        f"{RUN}, **computed())",
        f"{SUBMIT}, timeout_seconds=60)",
        f"{SUBMIT}, timeout_seconds=int(os.getenv('LIMIT', '60')))",
        f"{SUBMIT}, json={{'timeout_seconds': 60}})",
        f"{SUBMIT}, json=computed())",
        'DatabricksSQLStatementsOperator(task_id="t", statement="select 1", warehouse_id="w")',
        'DatabricksCreateJobsOperator(task_id="t", json={})',
        'RunNowOperator(task_id="t", job="orders", run_timeout=60)',
        'SubmitRunOperator(task_id="t", tasks=[], settings={"timeout_seconds": 60})',
        'EmptyOperator(task_id="t")',
    ],
)
def test_is_silent_where_something_bounds_or_nothing_is_known(bench: Workbench, task: str) -> None:
    assert bench.findings(in_dag(task, head="import os\nfrom company import LIMIT\n"), CODE) == []


def test_members_of_a_workflow_group_count(bench: Workbench) -> None:
    body = """\
with DAG("d"), DatabricksWorkflowTaskGroup(group_id="g"):
    DatabricksNotebookOperator(task_id="t", notebook_path="/n", source="WORKSPACE")
"""
    assert len(bench.findings(dag_file(body), CODE)) == 1


def test_default_args_and_task_groups_count(bench: Workbench) -> None:
    assert bench.findings(in_dag(f"{RUN})", ', default_args={"execution_timeout": timedelta(1)}'), CODE) == []
    (finding,) = bench.findings(in_dag(f"{RUN})", ', default_args={"execution_timeout": None}'), CODE)
    assert finding.notes
    grouped = in_dag(f'with TaskGroup("g", default_args={{"execution_timeout": timedelta(1)}}):\n        {RUN})')
    assert bench.findings(grouped, CODE) == []


def test_the_jobs_own_timeout_counts_when_the_contract_shows_it(bench: Workbench) -> None:
    bench.add_contract({"orders": ()}, settings={"timeout_seconds": 60})
    assert bench.findings(in_dag(f"{RUN})"), CODE) == []
    assert len(bench.findings(in_dag(f"{RUN})".replace("orders job", "other")), CODE)) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{RUN})", f"{RUN}, execution_timeout=timedelta(hours=2))"),
        (f"{RUN}, execution_timeout=None)", f"{RUN}, execution_timeout=timedelta(hours=2))"),
        (f"{SUBMIT}, tasks=[])", f"{SUBMIT}, tasks=[], timeout_seconds=7200)"),
        ('RunNowOperator(task_id="t", job="o")', 'RunNowOperator(task_id="t", job="o", run_timeout=7200)'),
        ('SubmitRunOperator(task_id="t")', 'SubmitRunOperator(task_id="t", run_timeout=7200)'),
    ],
)
def test_the_unsafe_fix_sets_two_hours(bench: Workbench, before: str, after: str) -> None:
    assert not bench.fix(in_dag(before), unsafe=False, config=ONLY).changed
    result = bench.fix(in_dag(before), config=ONLY)
    assert result.after == in_dag(after)
    assert not bench.fix(result.after, config=ONLY).changed


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_fix_imports_what_it_needs_once(bench: Workbench, newline: str) -> None:
    head = '"""About."""\nfrom __future__ import annotations\nfrom airflow import DAG\n'
    head += "from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator\n"
    text = f'{head}with DAG("d"):\n    {RUN})\n    {RUN})\n'.replace("\n", newline)
    result = bench.fix(text, config=ONLY)
    expected = text.replace("from airflow import", f"from datetime import timedelta{newline}from airflow import")
    assert result.after == expected.replace('job")', 'job", execution_timeout=timedelta(hours=2))')


def test_the_fix_uses_the_module_as_it_is_imported(bench: Workbench) -> None:
    text = in_dag(f"{RUN})").replace("from datetime import datetime, timedelta", "import datetime as dt")
    assert "execution_timeout=dt.timedelta(hours=2))" in bench.fix(text, config=ONLY).after


def test_no_fix_that_would_not_hold_while_deferred(bench: Workbench) -> None:
    text = in_dag(f"{RUN}, deferrable=True)")
    assert len(bench.findings(text, CODE)) == 1
    assert not bench.fix(text, config=ONLY).changed
    assert bench.fix(text, config={**ONLY, "target-airflow": "2.10"}).changed


def test_suppressed(bench: Workbench) -> None:
    assert bench.codes(in_dag(f"{RUN})  # airbrick: ignore[no-timeout]"), ONLY) == []
