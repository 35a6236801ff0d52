"""DBX202: sensors that hold a worker slot."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX202"
ONLY: dict[str, object] = {"select": [CODE]}
HEAD = """\
from airflow.providers.databricks.sensors.databricks import DatabricksSQLStatementsSensor
from airflow.providers.databricks.sensors.databricks_partition import DatabricksPartitionSensor
from airflow.providers.databricks.sensors.databricks_sql import DatabricksSqlSensor
"""
SQL = 'DatabricksSqlSensor(task_id="t", sql="select 1"'
STATEMENT = 'DatabricksSQLStatementsSensor(task_id="t", statement="select 1", warehouse_id="w"'


@pytest.mark.parametrize(
    "task",
    [
        f"{SQL})",
        f'{SQL}, mode="poke")',
        'DatabricksPartitionSensor(task_id="t", table_name="x")',
        f"{STATEMENT})",
        f"{STATEMENT}, deferrable=False)",
    ],
)
def test_reports_sensors_that_poke(bench: Workbench, task: str) -> None:
    assert len(bench.findings(in_dag(task, head=HEAD), CODE)) == 1


@pytest.mark.parametrize(
    "task",
    [
        f'{SQL}, mode="reschedule")',
        f"{SQL}, mode=computed())",
        f"{SQL}, **computed())",
        f"{STATEMENT}, deferrable=True)",
        f"{STATEMENT}, deferrable=computed())",
        f'{STATEMENT}, mode="reschedule")',
        'ExternalTaskSensor(task_id="t", external_dag_id="x")',
    ],
)
def test_is_silent_where_the_slot_is_given_back(bench: Workbench, task: str) -> None:
    assert bench.findings(in_dag(task, head=HEAD), CODE) == []


def test_default_args_count(bench: Workbench) -> None:
    assert bench.findings(in_dag(f"{SQL})", ', default_args={"mode": "reschedule"}', HEAD), CODE) == []
    (finding,) = bench.findings(in_dag(f"{SQL})", ', default_args={"mode": "poke"}', HEAD), CODE)
    assert finding.notes


def test_the_configuration_and_the_provider_count(bench: Workbench) -> None:
    assert bench.findings(in_dag(f"{STATEMENT})", head=HEAD), CODE, {"default-deferrable": True}) == []
    (finding,) = bench.findings(in_dag(f"{STATEMENT})", head=HEAD), CODE, {"target-provider": "7.4"})
    assert finding.help == 'set mode="reschedule"'


@pytest.mark.parametrize(
    ("before", "after", "safe"),
    [
        (f"{SQL})", f'{SQL}, mode="reschedule")', True),
        (f'{SQL}, mode="poke")', f'{SQL}, mode="reschedule")', True),
        (f"{SQL}, poke_interval=300)", f'{SQL}, poke_interval=300, mode="reschedule")', True),
        (f"{SQL}, poke_interval=5)", f'{SQL}, poke_interval=5, mode="reschedule")', False),
        (f"{SQL}, poke_interval=computed())", f'{SQL}, poke_interval=computed(), mode="reschedule")', False),
        (f"{STATEMENT})", f"{STATEMENT}, deferrable=True)", False),
    ],
)
def test_the_fix_is_safe_where_looks_are_a_minute_apart(
    bench: Workbench, before: str, after: str, *, safe: bool
) -> None:
    assert bench.fix(in_dag(before, head=HEAD), unsafe=False, config=ONLY).changed is safe
    result = bench.fix(in_dag(before, head=HEAD), config=ONLY)
    assert result.after == in_dag(after, head=HEAD)
    assert not bench.fix(result.after, config=ONLY).changed


def test_suppressed(bench: Workbench) -> None:
    assert bench.codes(in_dag(f"{SQL})  # airbrick: ignore[DBX202]", head=HEAD), ONLY) == []
