"""DBX304: DAGs that catch up on Databricks."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX304"
ONLY: dict[str, object] = {"select": [CODE]}
OLD: dict[str, object] = {"target-airflow": "2.10"}
TASK = 'RunNowOperator(task_id="t", job="j")'
START = ", start_date=datetime(2017, 1, 1)"
DAILY = f', schedule="@daily"{START}'


@pytest.mark.parametrize(
    "arguments",
    [
        f"{DAILY}, catchup=True",
        f", schedule=timedelta(hours=1){START}, catchup=True",
        f', schedule_interval="0 5 * * *"{START}, catchup=True',
        ', schedule="@daily", catchup=True, default_args={"start_date": datetime(2017, 1, 1)}',
        ', schedule="@daily", catchup=True, default_args=ARGS',
        ', schedule="@daily", start_date=pendulum.datetime(2017, 1, 1), catchup=True',
    ],
)
def test_reports_dags_that_catch_up(bench: Workbench, arguments: str) -> None:
    head = 'import pendulum\nARGS = {"start_date": datetime(2017, 1, 1)}\n'
    assert len(bench.findings(in_dag(TASK, arguments, head), CODE)) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        f"{DAILY}",
        f"{DAILY}, catchup=False",
        f"{DAILY}, catchup=computed()",
        f"{DAILY}, **computed()",
        f"{DAILY}, catchup=True, max_active_runs=1",
        f", schedule=None{START}, catchup=True",
        f', schedule="@once"{START}, catchup=True',
        f', schedule="@continuous"{START}, catchup=True',
        f', schedule=[Asset("s3://a")]{START}, catchup=True',
        f', schedule=Asset("s3://a"){START}, catchup=True',
        ', schedule="@daily", start_date=datetime.now(), catchup=True',
        ', schedule="@daily", start_date=computed(), catchup=True',
        ', schedule="@daily", catchup=True',
    ],
)
def test_is_silent_where_nothing_is_made_up_for(bench: Workbench, arguments: str) -> None:
    assert bench.findings(in_dag(TASK, arguments), CODE) == []


def test_before_airflow_3_it_is_the_default(bench: Workbench) -> None:
    assert len(bench.findings(in_dag(TASK, DAILY), CODE, OLD)) == 1
    assert len(bench.findings(in_dag(TASK, START), CODE, OLD)) == 1
    assert bench.findings(in_dag(TASK, f"{DAILY}, catchup=False"), CODE, OLD) == []
    in_defaults = f'{DAILY}, default_args={{"catchup": False}}'
    assert len(bench.findings(in_dag(TASK, in_defaults), CODE, OLD)) == 1


def test_a_dag_without_work_on_databricks_is_left_alone(bench: Workbench) -> None:
    assert bench.findings(in_dag("pass", f"{DAILY}, catchup=True"), CODE) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [(f"{DAILY}, catchup=True", f"{DAILY}, catchup=False"), (DAILY, f"{DAILY}, catchup=False")],
)
def test_the_unsafe_fix_switches_it_off(bench: Workbench, before: str, after: str) -> None:
    config = {**ONLY, **OLD}
    assert not bench.fix(in_dag(TASK, before), unsafe=False, config=config).changed
    result = bench.fix(in_dag(TASK, before), config=config)
    assert result.after == in_dag(TASK, after)
    assert not bench.fix(result.after, config=config).changed


def test_suppressed(bench: Workbench) -> None:
    text = f"# airbrick: ignore[DBX304]\n{'with DAG'}"
    body = in_dag(TASK, f"{DAILY}, catchup=True").replace("with DAG", text)
    assert bench.codes(body, ONLY) == []
