"""DBX206: deferrable tasks of old providers."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX206"
OLD: dict[str, object] = {"target-provider": "7.11"}
RUN = 'DatabricksRunNowOperator(task_id="t", job_name="x"'


@pytest.mark.parametrize(
    ("task", "config", "found"),
    [
        (f"{RUN}, deferrable=True)", OLD, 1),
        (f"{RUN})", {**OLD, "default-deferrable": True}, 1),
        (f"{RUN}, deferrable=True)", {"target-provider": "7.12"}, 0),
        (f"{RUN}, deferrable=True)", {}, 0),
        (f"{RUN}, deferrable=False)", OLD, 0),
        (f"{RUN}, deferrable=computed())", OLD, 0),
        (f"{RUN}, **computed())", OLD, 0),
        (f"{RUN})", OLD, 0),
        ('RunNowOperator(task_id="t", job="x")', OLD, 0),
        ('DatabricksSQLStatementsOperator(task_id="t", statement="", deferrable=True)', OLD, 0),
    ],
)
def test_depends_on_the_provider(bench: Workbench, task: str, config: dict[str, object], found: int) -> None:
    assert len(bench.findings(in_dag(task), CODE, config)) == found


def test_default_args_count(bench: Workbench) -> None:
    assert len(bench.findings(in_dag(f"{RUN})", ', default_args={"deferrable": True}'), CODE, OLD)) == 1


def test_suppressed(bench: Workbench) -> None:
    text = in_dag(f"{RUN}, deferrable=True)  # airbrick: ignore[DBX206]")
    assert bench.codes(text, {**OLD, "select": [CODE]}) == []
