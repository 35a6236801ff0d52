"""DBX205: runs that nobody looks after."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX205"
ONLY: dict[str, object] = {"select": [CODE]}
RUN = 'DatabricksRunNowOperator(task_id="t", job_name="x", wait_for_termination=False)'


@pytest.mark.parametrize(
    "task",
    [
        RUN,
        'RunNowOperator(task_id="t", job="x", wait_for_termination=False)',
        'DatabricksNotebookOperator(task_id="t", wait_for_termination=False)',
    ],
)
def test_reports_tasks_that_do_not_wait(bench: Workbench, task: str) -> None:
    assert len(bench.findings(in_dag(task), CODE)) == 1


@pytest.mark.parametrize(
    "task",
    [
        RUN.replace("False", "True"),
        RUN.replace("False", "computed()"),
        RUN.replace("wait_for_termination=False", "**computed()"),
        'DatabricksSqlOperator(task_id="t", sql="")',
        f"{RUN} >> MyRunSensor(task_id='s')",
        f"{RUN}\n    @task.sensor\n    def done():\n        return True\n    done()",
        f"{RUN}\n    @task\n    def done():\n        DatabricksHook('x').get_run_state(1)\n    done()",
    ],
)
def test_is_silent_where_something_waits(bench: Workbench, task: str) -> None:
    head = "from airflow.providers.databricks.hooks.databricks import DatabricksHook\n"
    assert bench.findings(in_dag(task, head=head), CODE) == []


def test_default_args_count(bench: Workbench) -> None:
    text = in_dag('RunNowOperator(task_id="t", job="x")', ', default_args={"wait_for_termination": False}')
    (finding,) = bench.findings(text, CODE)
    assert finding.notes


def test_suppressed(bench: Workbench) -> None:
    assert bench.codes(in_dag(f"{RUN}  # airbrick: ignore[DBX205]"), ONLY) == []
