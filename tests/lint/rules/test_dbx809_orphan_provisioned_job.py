"""DBX809: jobs that no DAG triggers."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX809"
ONLY: dict[str, object] = {"select": [CODE]}
ORDERS = in_dag('RunNowOperator(task_id="t", job="orders")')
REPORT = in_dag('DatabricksRunNowOperator(task_id="t", job_name="report job")')


@pytest.fixture
def stocked(bench: Workbench) -> Workbench:
    bench.add_contract({"orders": (), "report": ()})
    return bench


def test_reports_what_no_file_triggers_at_its_place_in_the_contract(stocked: Workbench) -> None:
    (finding,) = stocked.project({"a.py": ORDERS}, ONLY)
    assert finding.path == stocked.contracts[0]
    assert '"report"' in finding.path.read_text(encoding="utf-8").splitlines()[finding.span.line - 1]
    assert finding.stacks == ("dev",)


def test_all_files_count_together(stocked: Workbench) -> None:
    assert stocked.project({"a.py": ORDERS, "b.py": REPORT}, ONLY) == []


@pytest.mark.parametrize(
    "task",
    [
        'RunNowOperator(task_id="t", job=computed())',
        'DatabricksRunNowOperator(task_id="t", job_name="{{ params.job }}")',
        'DatabricksRunNowOperator(task_id="t", **computed())',
        "@task\n    def t():\n        WorkspaceClient().jobs.run_now(job_id=1)\n    t()",
    ],
)
def test_a_trigger_that_may_mean_any_job_silences_it(stocked: Workbench, task: str) -> None:
    other = in_dag(task, head="from databricks.sdk import WorkspaceClient\n")
    assert stocked.project({"a.py": ORDERS, "b.py": other}, ONLY) == []


def test_files_without_any_trigger_prove_nothing(stocked: Workbench) -> None:
    assert stocked.project({"a.py": in_dag("pass")}, ONLY) == []


def test_a_job_with_a_schedule_starts_by_itself(bench: Workbench) -> None:
    bench.add_contract({"orders": (), "report": ()}, settings={"has_schedule": True})
    assert bench.project({"a.py": ORDERS}, ONLY) == []


def test_names_all_stacks_once(stocked: Workbench) -> None:
    stocked.add_contract({"report": ()}, "prod")
    (finding,) = stocked.project({"a.py": ORDERS}, ONLY)
    assert finding.stacks == ("dev", "prod")
    assert finding.notes[0].path == stocked.contracts[1]


def test_it_is_strict(stocked: Workbench) -> None:
    assert stocked.project({"a.py": ORDERS}) == []
