"""DBX306: start dates that move."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX306"
ONLY: dict[str, object] = {"select": [CODE]}
HEAD = """\
import datetime as dt, time, uuid, pendulum
from datetime import date
from airflow.utils import timezone
from airflow.utils.dates import days_ago
from airflow.utils.timezone import utcnow
from company import START
now = datetime.now()
yesterday = now - timedelta(days=1)
ARGS = {"start_date": yesterday.replace(hour=0)}
"""


@pytest.mark.parametrize(
    "start",
    [
        "datetime.now()",
        "datetime.utcnow()",
        "datetime.today()",
        "dt.datetime.now(dt.timezone.utc)",
        "timezone.utcnow()",
        "utcnow() - timedelta(days=1)",
        'pendulum.now("UTC")',
        'pendulum.today("UTC").add(days=-1)',
        "pendulum.yesterday()",
        "now",
        "yesterday",
        "(datetime.now() - timedelta(1)).replace(hour=0)",
        "datetime(now.year, now.month, 1)",
        "datetime.combine(date.today() - timedelta(days=1), datetime.min.time())",
        "datetime.fromtimestamp(time.time())",
        "datetime.now() if computed() else datetime(2026, 1, 1)",
    ],
)
def test_reports_dates_that_move(bench: Workbench, start: str) -> None:
    assert len(bench.findings(in_dag("pass", f", schedule=None, start_date={start}", HEAD), CODE)) == 1


@pytest.mark.parametrize(
    "start",
    [
        "datetime(2026, 1, 1)",
        "timezone.datetime(2026, 1, 1)",
        'pendulum.datetime(2026, 1, 1, tz="UTC")',
        "pendulum.parse('2026-01-01')",
        "days_ago(1)",
        "START",
        "computed()",
        "None",
        "datetime(2026, 1, 1) + timedelta(hours=2)",
    ],
)
def test_is_silent_about_fixed_dates_and_what_ruff_reports(bench: Workbench, start: str) -> None:
    assert bench.findings(in_dag("pass", f", start_date={start}", HEAD), CODE) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ", default_args=ARGS",
        ", default_args={**ARGS}",
        ', **{"start_date": now}',
        ", default_args=dict(start_date=now)",
    ],
)
def test_default_args_and_splats_count(bench: Workbench, arguments: str) -> None:
    (finding,) = bench.findings(in_dag("pass", arguments, HEAD), CODE)
    assert "datetime.now()" in finding.message
    assert finding.notes


def test_the_dags_own_date_wins_over_default_args(bench: Workbench) -> None:
    arguments = ", start_date=datetime(2026, 1, 1), default_args=ARGS"
    assert bench.findings(in_dag("pass", arguments, HEAD), CODE) == []


def test_the_default_of_a_parameter_counts(bench: Workbench) -> None:
    head = f"{HEAD}def make(start=datetime.now()):\n    return DAG('x', start_date=start)\nmake()\n"
    assert len(bench.findings(in_dag("pass", "", head), CODE)) == 1
    assert bench.findings(in_dag("pass", "", head.replace("make()\n", "make(datetime(2026, 1, 1))\n")), CODE) == []


def test_the_clock_inside_a_task_is_no_matter(bench: Workbench) -> None:
    task = "@task\n    def t():\n        return datetime.now()\n    t()"
    assert bench.findings(in_dag(task, ", start_date=datetime(2026, 1, 1)"), CODE) == []


def test_suppressed(bench: Workbench) -> None:
    text = in_dag("pass", ", start_date=now", HEAD).replace("now):", "now):  # airbrick: ignore[DBX306]")
    assert bench.codes(text, ONLY) == []
