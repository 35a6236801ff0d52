"""DBX703: DAG runs that nothing ends."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX703"
ONLY: dict[str, object] = {"select": [CODE]}
RUN = 'RunNowOperator(task_id="t", job="x")'
DAILY = ', schedule="@daily"'


@pytest.mark.parametrize(
    ("task", "arguments", "found"),
    [
        (RUN, DAILY, 1),
        (RUN, f"{DAILY}, dagrun_timeout=None", 1),
        (RUN, f'{DAILY}, default_args={{"dagrun_timeout": timedelta(1)}}', 1),
        (RUN, f"{DAILY}, dagrun_timeout=timedelta(hours=6)", 0),
        (RUN, f"{DAILY}, dagrun_timeout=computed()", 0),
        (RUN, f"{DAILY}, **computed()", 0),
        (RUN, "", 0),
        (RUN, ", schedule=None", 0),
        ("pass", DAILY, 0),
    ],
)
def test_reports_scheduled_dags_without_a_bound(bench: Workbench, task: str, arguments: str, found: int) -> None:
    assert len(bench.findings(in_dag(task, arguments), CODE, ONLY)) == found


def test_before_airflow_3_no_schedule_is_a_schedule(bench: Workbench) -> None:
    assert len(bench.findings(in_dag(RUN), CODE, {**ONLY, "target-airflow": "2.10"})) == 1


def test_it_is_strict(bench: Workbench) -> None:
    assert bench.findings(in_dag(RUN, DAILY), CODE) == []
    assert len(bench.findings(in_dag(RUN, DAILY), CODE, {"select": ["strict"]})) == 1


def test_suppressed(bench: Workbench) -> None:
    text = in_dag(RUN, DAILY).replace('"@daily"):', '"@daily"):  # airbrick: ignore[DBX703]')
    assert bench.codes(text, ONLY) == []
