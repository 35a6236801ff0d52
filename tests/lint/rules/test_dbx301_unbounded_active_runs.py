"""DBX301: which DAGs may run on Databricks many times at once."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX301"
TASK = 'RunNowOperator(task_id="t", job="j")'


def count(bench: Workbench, body: str, config: dict[str, object] | None = None) -> int:
    return len(bench.findings(dag_file(body), CODE, config))


def scheduled(schedule: str, more: str = "", task: str = TASK) -> str:
    return f'with DAG("d", schedule={schedule}{more}):\n    {task}\n'


@pytest.mark.parametrize(
    "schedule",
    [
        '"@daily"',
        '"@continuous"',
        '"0 5 * * *"',
        "timedelta(hours=1)",
        '[Asset("s3://a")]',
        'Asset("s3://a") | Asset("s3://b")',
        'CronTriggerTimetable("0 5 * * *", timezone="UTC")',
        'Variable.get("schedule", default_var="@daily")',
        'os.getenv("SCHEDULE", "@daily")',
        "EVERY",
        'f"{minute} 5 * * *"',
        "WorkdayTimetable()",
    ],
)
def test_reports_recurring_schedules(bench: Workbench, schedule: str) -> None:
    head = """\
import os
from airflow.timetables.base import Timetable
from airflow.timetables.trigger import CronTriggerTimetable
EVERY = "@hourly"
minute = os.getpid()
class WorkdayTimetable(Timetable):
    pass
"""
    assert count(bench, head + scheduled(schedule)) == 1


@pytest.mark.parametrize(
    "schedule",
    ["None", '"@once"', 'Variable.get("schedule")', 'Variable.get("schedule", default_var=None)', "from_elsewhere"],
)
def test_is_silent_without_a_recurring_schedule(bench: Workbench, schedule: str) -> None:
    assert count(bench, scheduled(schedule)) == 0


def test_no_schedule_means_daily_before_airflow_3_only(bench: Workbench) -> None:
    body = f'with DAG("d"):\n    {TASK}\n'
    assert count(bench, body) == 0
    assert count(bench, body, {"target-airflow": "2.10"}) == 1


def test_schedule_interval_is_the_schedule(bench: Workbench) -> None:
    assert count(bench, f'with DAG("d", schedule_interval="@daily"):\n    {TASK}\n') == 1
    assert count(bench, f'with DAG("d", schedule_interval=None):\n    {TASK}\n') == 0


def test_positional_arguments_of_the_dag_are_read(bench: Workbench) -> None:
    assert count(bench, f'with DAG("d", "about", "@daily"):\n    {TASK}\n') == 1
    assert count(bench, f'with DAG("d", "about", None):\n    {TASK}\n') == 0


@pytest.mark.parametrize("more", [", max_active_runs=1", ", max_active_runs=16", ", max_active_runs=N", ", **common"])
def test_an_explicit_limit_silences_it(bench: Workbench, more: str) -> None:
    assert (
        count(
            bench,
            'import os\nN = int(os.environ["N"])\ncommon = {"max_active_runs": 2}\n' + scheduled('"@daily"', more),
        )
        == 0
    )


def test_a_limit_above_the_option_is_reported(bench: Workbench) -> None:
    assert count(bench, scheduled('"@daily"', ", max_active_runs=17")) == 1
    options: dict[str, object] = {"rules": {CODE: {"max-active-runs": 3}}}
    assert count(bench, scheduled('"@daily"', ", max_active_runs=4"), options) == 1
    assert count(bench, scheduled('"@daily"', ", max_active_runs=3"), options) == 0


def test_default_args_do_not_set_it(bench: Workbench) -> None:
    assert count(bench, scheduled('"@daily"', ', default_args={"max_active_runs": 1}')) == 1


def test_a_splat_that_is_not_known_is_not_guessed(bench: Workbench) -> None:
    assert count(bench, "from company import common\n" + scheduled('"@daily"', ", **common")) == 0


@pytest.mark.parametrize(
    "task",
    [
        'DatabricksRunNowOperator(task_id="t", job_id=1)',
        'DatabricksSqlOperator(task_id="t", sql="select 1")',
        'DatabricksNotebookOperator(task_id="t", notebook_path="/n", source="WORKSPACE")',
        'DatabricksRunNowOperator.partial(task_id="t").expand(job_id=[1, 2])',
    ],
)
def test_any_operator_that_computes_on_databricks_counts(bench: Workbench, task: str) -> None:
    assert count(bench, scheduled('"@daily"', task=task)) == 1


@pytest.mark.parametrize("task", ["pass", 'DatabricksCreateJobsOperator(task_id="t", json={})', "print(1)"])
def test_a_dag_that_runs_nothing_on_databricks_is_left_alone(bench: Workbench, task: str) -> None:
    assert count(bench, scheduled('"@daily"', task=task)) == 0


def test_decorated_dags_and_assigned_dags(bench: Workbench) -> None:
    decorated = f'@dag(schedule="@daily")\ndef d():\n    {TASK}\nd()\n'
    assigned = 'dag_ = DAG("d", schedule="@daily")\nRunNowOperator(task_id="t", job="j", dag=dag_)\n'
    bare = f"@dag\ndef d():\n    {TASK}\nd()\n"
    assert count(bench, decorated) == 1
    assert count(bench, assigned) == 1
    assert count(bench, bare) == 0
    assert count(bench, bare, {"target-airflow": "2.9"}) == 1


def test_setting_it_on_the_dag_afterwards_counts(bench: Workbench) -> None:
    body = f'dag_ = DAG("d", schedule="@daily")\ndag_.max_active_runs = 1\nwith dag_:\n    {TASK}\n'
    assert count(bench, body) == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (scheduled('"@daily"'), scheduled('"@daily"', ", max_active_runs=1")),
        (
            f'@dag(\n    schedule="@daily",\n)\ndef d():\n    {TASK}\nd()\n',
            f'@dag(\n    schedule="@daily",\n    max_active_runs=1,\n)\ndef d():\n    {TASK}\nd()\n',
        ),
    ],
)
def test_the_unsafe_fix_adds_a_limit_of_one(bench: Workbench, before: str, after: str) -> None:
    config = {"select": [CODE]}
    assert not bench.fix(dag_file(before), unsafe=False, config=config).changed
    result = bench.fix(dag_file(before), config=config)
    assert result.after == dag_file(after)
    assert not bench.fix(result.after, config=config).changed


def test_a_bare_decorator_has_no_fix(bench: Workbench) -> None:
    text = dag_file(f"@dag\ndef d():\n    {TASK}\nd()\n")
    assert not bench.fix(text, config={"select": [CODE], "target-airflow": "2.9"}).changed


def test_a_limit_that_is_too_large_is_not_fixed(bench: Workbench) -> None:
    assert not bench.fix(dag_file(scheduled('"@daily"', ", max_active_runs=99"))).changed


def test_suppressed_on_any_line_of_the_header(bench: Workbench) -> None:
    for first, last in (("  # airbrick: ignore[DBX301]", ""), ("", "  # airbrick: ignore[unbounded-active-runs] why")):
        body = f'with DAG({first}\n    "d",\n    schedule="@daily",\n) as d:{last}\n    {TASK}\n'
        assert bench.codes(dag_file(body)) == []
