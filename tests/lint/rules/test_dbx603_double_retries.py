"""DBX603: two layers that retry."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX603"
ONLY: dict[str, object] = {"select": [CODE]}


def submit(retries: str, inner: str) -> str:
    return f'DatabricksSubmitRunOperator(task_id="t", retries={retries}, tasks=[{{"max_retries": {inner}}}])'


@pytest.mark.parametrize(
    ("task", "found"),
    [
        (submit("3", "3"), 1),
        (submit("1", "-1"), 1),
        (submit("1", "2"), 0),
        (submit("3", "0"), 0),
        (submit("0", "9"), 0),
        (submit("computed()", "9"), 0),
        (submit("9", "computed()"), 0),
        ('DatabricksSubmitRunOperator(task_id="t", retries=3, json={"tasks": [{"max_retries": 3}]})', 1),
        ('DatabricksNotebookOperator(task_id="t", retries=3, max_retries=3)', 1),
        ('DatabricksRunNowOperator(task_id="t", retries=9)', 0),
        ('DatabricksSubmitRunOperator(task_id="t", retries=9, **computed())', 0),
    ],
)
def test_counts_the_attempts_of_both(bench: Workbench, task: str, found: int) -> None:
    assert len(bench.findings(in_dag(task), CODE, ONLY)) == found


def test_default_args_and_named_dicts_count(bench: Workbench) -> None:
    task = 'DatabricksSubmitRunOperator(task_id="t", json=JSON)'
    text = in_dag(task, ', default_args={"retries": 3}', 'JSON = {"tasks": [{"max_retries": 3}]}\n')
    (finding,) = bench.findings(text, CODE, ONLY)
    assert "16 attempts" in finding.message
    assert finding.notes


def test_it_is_strict_and_its_limit_an_option(bench: Workbench) -> None:
    assert bench.findings(in_dag(submit("3", "3")), CODE) == []
    options: dict[str, object] = {**ONLY, "rules": {CODE: {"maximum-attempts": 16}}}
    assert bench.findings(in_dag(submit("3", "3")), CODE, options) == []


def test_suppressed(bench: Workbench) -> None:
    assert bench.codes(in_dag(f"{submit('3', '3')}  # airbrick: ignore[DBX603]"), ONLY) == []
