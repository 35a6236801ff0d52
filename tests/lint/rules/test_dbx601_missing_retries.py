"""DBX601: tasks that are not retried."""

import pytest
from tests.lint.workbench import Workbench, dag_file, in_dag

CODE = "DBX601"
ONLY: dict[str, object] = {"select": [CODE]}
RUN = 'DatabricksRunNowOperator(task_id="t", job_name="x"'


@pytest.mark.parametrize(
    "task",
    [
        f"{RUN})",
        f"{RUN}, retries=0)",
        f"{RUN}, retries=None)",
        f"{RUN}, retries=int(os.getenv('RETRIES', '0')))",
        'DatabricksSqlOperator(task_id="t", sql="select 1")',
        'DatabricksCreateJobsOperator(task_id="t", json={})',
        'RunNowOperator(task_id="t", job="x")',
    ],
)
def test_reports_tasks_that_are_not_retried(bench: Workbench, task: str) -> None:
    assert len(bench.findings(in_dag(task, head="import os\n"), CODE)) == 1


@pytest.mark.parametrize(
    "task",
    [
        f"{RUN}, retries=1)",
        f"{RUN}, retries=int(os.getenv('RETRIES', 2)))",
        f"{RUN}, retries=RETRIES)",
        f"{RUN}, **RETRIES)",
        f"{RUN}).expand(retries=[1, 2])".replace("Operator(", "Operator.partial("),
        'DatabricksReposUpdateOperator(task_id="t", branch="main", repo_id=1)',
        'DatabricksSqlSensor(task_id="t", sql="select 1")',
        'EmptyOperator(task_id="t")',
    ],
)
def test_is_silent_where_retries_are_set_not_known_or_others_work(bench: Workbench, task: str) -> None:
    assert bench.findings(in_dag(task, head="import os\nfrom company import RETRIES\n"), CODE) == []


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (', default_args={"retries": 2}', 0),
        (', default_args={"retries": 0}', 1),
        (", default_args={**BASE, 'owner': 'me'}", 0),
        (", default_args=BASE | {'retries': 0}", 1),
        (", default_args=dict(BASE)", 0),
        (", default_args=imported", 0),
        (", default_args=None", 1),
        (", **computed()", 0),
    ],
)
def test_default_args_count(bench: Workbench, arguments: str, found: int) -> None:
    head = 'from company import imported\nBASE = {"retries": 3}\n'
    assert len(bench.findings(in_dag(f"{RUN})", arguments, head), CODE)) == found


def test_the_innermost_default_args_win(bench: Workbench) -> None:
    body = f"""\
with DAG("d", default_args={{"retries": 2}}):
    with TaskGroup("g", default_args={{"retries": 0}}):
        {RUN})
        {RUN}, default_args={{"retries": 1}})
"""
    (finding,) = bench.findings(dag_file(body), CODE)
    assert finding.message.endswith("retries is 0")
    assert finding.notes[0].span is not None
    assert finding.notes[0].span.line == finding.span.line - 1


def test_subclasses_that_set_it_themselves(bench: Workbench) -> None:
    head = """\
class Mine(DatabricksRunNowOperator):
    def __init__(self, **kwargs):
        super().__init__(retries=3, **kwargs)
"""
    assert bench.findings(in_dag('Mine(task_id="t")', head=head), CODE) == []
    assert len(bench.findings(in_dag('Mine(task_id="t")', head=head.replace("retries=3, ", "")), CODE)) == 1


def test_members_of_a_workflow_group_are_left_alone(bench: Workbench) -> None:
    body = """\
with DAG("d"), DatabricksWorkflowTaskGroup(group_id="g"):
    with TaskGroup("inner"):
        DatabricksNotebookOperator(task_id="t", notebook_path="/n", source="WORKSPACE")
"""
    assert bench.findings(dag_file(body), CODE) == []


def test_the_configuration_of_airflow_counts(bench: Workbench) -> None:
    config: dict[str, object] = {"rules": {CODE: {"default-task-retries": 2}}}
    assert bench.findings(in_dag(f"{RUN})"), CODE, config) == []
    assert len(bench.findings(in_dag(f"{RUN}, retries=0)"), CODE, config)) == 1


@pytest.mark.parametrize(
    ("before", "after"), [(f"{RUN})", f"{RUN}, retries=2)"), (f"{RUN}, retries=0)", f"{RUN}, retries=2)")]
)
def test_the_unsafe_fix_sets_two(bench: Workbench, before: str, after: str) -> None:
    assert not bench.fix(in_dag(before), unsafe=False, config=ONLY).changed
    result = bench.fix(in_dag(before), config=ONLY)
    assert result.after == in_dag(after)
    assert not bench.fix(result.after, config=ONLY).changed


def test_calls_that_cannot_be_edited_surely_have_no_fix(bench: Workbench) -> None:
    head = "def make(**more):\n    return " + f"{RUN}, **more)\n"
    text = in_dag("make()\n    make(retries=1)", head=head)
    assert len(bench.findings(text, CODE)) == 1
    assert not bench.fix(text, config=ONLY).changed


def test_suppressed(bench: Workbench) -> None:
    assert bench.codes(in_dag(f"{RUN})  # noqa: DBX601"), ONLY) == []
