"""DBX702: time-outs that do not hold while a task is deferred."""

import pytest
from tests.lint.workbench import Workbench, dag_file, in_dag

CODE = "DBX702"
ONLY: dict[str, object] = {"select": [CODE]}
TWO_HOURS = "execution_timeout=timedelta(hours=2)"
RUN = f'DatabricksRunNowOperator(task_id="t", job_name="orders job", {TWO_HOURS}'
SUBMIT = f'DatabricksSubmitRunOperator(task_id="t", {TWO_HOURS}, deferrable=True'


@pytest.mark.parametrize(
    "task",
    [
        f"{RUN}, deferrable=True)",
        f"{SUBMIT}, tasks=[])",
        f"{SUBMIT}, json={{'timeout_seconds': 0}})",
        f"{SUBMIT}, timeout_seconds=None)",
    ],
)
def test_reports_deferred_runs_bounded_by_the_task_only(bench: Workbench, task: str) -> None:
    assert len(bench.findings(in_dag(task), CODE)) == 1


@pytest.mark.parametrize(
    "task",
    [
        f"{RUN})",
        f"{RUN}, deferrable=False)",
        f"{RUN}, deferrable=Variable.get('d'))",
        f"{SUBMIT}, timeout_seconds=60)",
        f"{SUBMIT}, json={{'timeout_seconds': 60}})",
        f"{SUBMIT}, json=computed())",
        f"{SUBMIT}, **computed())",
        f"{SUBMIT}, timeout_seconds=computed())",
        'DatabricksRunNowOperator(task_id="t", deferrable=True)',
        'DatabricksRunNowOperator(task_id="t", deferrable=True, execution_timeout=None)',
        f'DatabricksNotebookOperator(task_id="t", deferrable=True, {TWO_HOURS})',
        f'RunNowOperator(task_id="t", job="orders", {TWO_HOURS})',
    ],
)
def test_is_silent_where_something_holds_or_nothing_is_known(bench: Workbench, task: str) -> None:
    assert bench.findings(in_dag(task), CODE) == []


def test_default_args_count(bench: Workbench) -> None:
    body = f"ARGS = dict({TWO_HOURS}, deferrable=True)\n"
    task = 'DatabricksRunNowOperator(task_id="t", job_name="x")'
    (finding,) = bench.findings(in_dag(task, ", default_args=ARGS", body), CODE)
    assert finding.notes


def test_the_version_of_airflow_and_its_configuration_count(bench: Workbench) -> None:
    assert bench.findings(in_dag(f"{RUN}, deferrable=True)"), CODE, {"target-airflow": "2.10"}) == []
    assert len(bench.findings(in_dag(f"{RUN})"), CODE, {"default-deferrable": True})) == 1


def test_the_jobs_own_timeout_counts_when_the_contract_shows_it(bench: Workbench) -> None:
    bench.add_contract({"orders": ()}, settings={"timeout_seconds": 60})
    assert bench.findings(in_dag(f"{RUN}, deferrable=True)"), CODE) == []
    bench.add_contract({"orders": ()}, "prod")
    assert len(bench.findings(in_dag(f"{RUN}, deferrable=True)"), CODE)) == 1


def test_the_unsafe_fix_gives_the_run_the_same_length(bench: Workbench) -> None:
    text = in_dag(f"{SUBMIT}, tasks=[])")
    assert not bench.fix(text, unsafe=False, config=ONLY).changed
    result = bench.fix(text, config=ONLY)
    assert result.after == in_dag(f"{SUBMIT}, tasks=[], timeout_seconds=7200)")
    assert not bench.fix(result.after, config=ONLY).changed
    assert not bench.fix(in_dag(f"{RUN}, deferrable=True)"), config=ONLY).changed


def test_a_zero_is_replaced_where_it_stands(bench: Workbench) -> None:
    text = in_dag(f"{SUBMIT}, timeout_seconds=0, tasks=[])")
    assert bench.fix(text, config=ONLY).after == text.replace("timeout_seconds=0", "timeout_seconds=7200")


def test_a_length_that_is_computed_has_no_fix(bench: Workbench) -> None:
    text = in_dag(f"{SUBMIT}, tasks=[])").replace("timedelta(hours=2)", "2 * timedelta(hours=1)")
    assert len(bench.findings(text, CODE)) == 1
    assert not bench.fix(text, config=ONLY).changed


def test_a_run_started_by_hand_is_left_alone(bench: Workbench) -> None:
    body = f"@task\ndef run():\n    {SUBMIT}).execute({{}})\n"
    assert bench.findings(dag_file(f'with DAG("d"):\n    pass\n{body}'), CODE) == []


def test_suppressed(bench: Workbench) -> None:
    assert bench.codes(in_dag(f"{SUBMIT})  # airbrick: ignore[DBX702]"), ONLY) == []
