"""DBX204: tasks that ask too often."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX204"
ONLY: dict[str, object] = {"select": [CODE]}
RUN = 'DatabricksRunNowOperator(task_id="t", job_name="x"'
HEAD = """\
import os
from airflow.providers.databricks.sensors.databricks_sql import DatabricksSqlSensor
from company import PERIOD
FAST = 2
"""


@pytest.mark.parametrize(
    "task",
    [
        f"{RUN}, polling_period_seconds=1)",
        f"{RUN}, polling_period_seconds=14.9)",
        f"{RUN}, polling_period_seconds=FAST * 5)",
        'DatabricksSqlSensor(task_id="t", sql="", poke_interval=5)',
        'DatabricksSqlSensor(task_id="t", sql="", poke_interval=timedelta(seconds=5))',
    ],
)
def test_reports_short_periods(bench: Workbench, task: str) -> None:
    assert len(bench.findings(in_dag(task, head=HEAD), CODE)) == 1


@pytest.mark.parametrize(
    "task",
    [
        f"{RUN})",
        f"{RUN}, polling_period_seconds=15)",
        f"{RUN}, polling_period_seconds=PERIOD)",
        f"{RUN}, polling_period_seconds=int(os.getenv('P', '5')))",
        f"{RUN}, **PERIOD)",
        'DatabricksSqlSensor(task_id="t", sql="", poke_interval=30)',
        'RunNowOperator(task_id="t", job="x", poll_interval=1)',
        'HttpSensor(task_id="t", poke_interval=1)',
    ],
)
def test_is_silent_about_long_and_unknown_periods(bench: Workbench, task: str) -> None:
    assert bench.findings(in_dag(task, head=HEAD), CODE) == []


def test_default_args_count_and_the_call_overrides_them(bench: Workbench) -> None:
    text = in_dag(f"{RUN})", ', default_args={"polling_period_seconds": FAST}', HEAD)
    (finding,) = bench.findings(text, CODE)
    assert finding.notes
    fixed = bench.fix(text, config=ONLY).after
    assert fixed == text.replace(f"{RUN})", f"{RUN}, polling_period_seconds=30)")


def test_the_limits_are_options(bench: Workbench) -> None:
    options: dict[str, object] = {"rules": {CODE: {"minimum-polling-s": 60, "minimum-poke-interval-s": 1}}}
    assert len(bench.findings(in_dag(f"{RUN}, polling_period_seconds=59)"), CODE, options)) == 1
    assert bench.findings(in_dag('DatabricksSqlSensor(task_id="t", poke_interval=5)', head=HEAD), CODE, options) == []
    fixed = bench.fix(in_dag(f"{RUN}, polling_period_seconds=59)"), config={**ONLY, **options})
    assert "polling_period_seconds=60" in fixed.after


def test_the_safe_fix_sets_the_usual_period(bench: Workbench) -> None:
    text = in_dag(f"{RUN}, polling_period_seconds=1, retries=1)")
    result = bench.fix(text, unsafe=False, config=ONLY)
    assert result.after == text.replace("seconds=1", "seconds=30")
    assert not bench.fix(result.after, config=ONLY).changed


def test_suppressed(bench: Workbench) -> None:
    assert bench.codes(in_dag(f"{RUN}, polling_period_seconds=1)  # noqa: DBX204"), ONLY) == []
