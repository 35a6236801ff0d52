"""DBX604: runs that cancel each other."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX604"
ONLY: dict[str, object] = {"select": [CODE]}
RUN = 'DatabricksRunNowOperator(task_id="t", job_name="x", cancel_previous_runs=True)'


@pytest.mark.parametrize("arguments", ["", ", max_active_runs=2", ', schedule="@daily"', ", max_active_runs=N"])
def test_reports_dags_with_several_active_runs(bench: Workbench, arguments: str) -> None:
    assert len(bench.findings(in_dag(RUN, arguments, "N = 3\n"), CODE)) == 1


@pytest.mark.parametrize(
    ("task", "arguments"),
    [
        (RUN, ", max_active_runs=1"),
        (RUN, ", max_active_runs=computed()"),
        (RUN, ", **computed()"),
        (RUN.replace("True", "False"), ""),
        (RUN.replace("True", "computed()"), ""),
        (RUN.replace("cancel_previous_runs=True", "**computed()"), ""),
        ('DatabricksRunNowOperator(task_id="t", job_name="x")', ""),
    ],
)
def test_is_silent_with_one_run_or_without_cancelling(bench: Workbench, task: str, arguments: str) -> None:
    assert bench.findings(in_dag(task, arguments), CODE) == []


def test_default_args_count(bench: Workbench) -> None:
    task = 'DatabricksRunNowOperator(task_id="t", job_name="x")'
    (finding,) = bench.findings(in_dag(task, ', default_args={"cancel_previous_runs": True}'), CODE)
    assert finding.notes


def test_instances_of_a_mapped_task_cancel_each_other_in_one_run(bench: Workbench) -> None:
    task = f"{RUN}.expand(notebook_params=[1, 2])".replace("Operator(", "Operator.partial(")
    (finding,) = bench.findings(in_dag(task, ", max_active_runs=1"), CODE)
    assert "mapped" in finding.message
    assert finding.fix is None


@pytest.mark.parametrize("before", ["", ", max_active_runs=4"])
def test_the_unsafe_fix_limits_the_dag(bench: Workbench, before: str) -> None:
    assert not bench.fix(in_dag(RUN, before), unsafe=False, config=ONLY).changed
    result = bench.fix(in_dag(RUN, before), config=ONLY)
    assert result.after == in_dag(RUN, ", max_active_runs=1")
    assert not bench.fix(result.after, config=ONLY).changed


def test_suppressed(bench: Workbench) -> None:
    assert bench.codes(in_dag(f"{RUN}  # airbrick: ignore[DBX604]"), ONLY) == []
