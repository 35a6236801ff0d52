from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.runs.task_values import read_task_values

KINDS = {
    "condition_task": ({"left": "{{tasks.load.values.rows}}", "op": "EQUAL_TO", "right": "0"}, {"left": "3"}),
    "notebook_task": (
        {"base_parameters": {"n": "{{tasks.load.values.rows}}", "day": "{{job.parameters.day}}"}},
        {"base_parameters": {"n": "3", "day": "1"}},
    ),
    "spark_python_task": (
        {"parameters": ["--rows", "{{ tasks.load.values.rows }}"]},
        {"parameters": ["--rows", "3"]},
    ),
    "run_job_task": (
        {"job_id": 1, "job_parameters": {"n": "{{tasks.`load`.values.`rows`}}"}},
        {"job_parameters": {"n": "3"}},
    ),
}


def task(setting: str, resolved: str, *, attempt: int = 0) -> dict[str, Any]:
    return {
        "task_key": "report",
        "attempt_number": attempt,
        "notebook_task": {"base_parameters": {"n": setting}},
        "resolved_values": {"notebook_task": {"base_parameters": {"n": resolved}}},
    }


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_value_is_read_where_a_task_of_any_kind_refers_to_it(kind: str) -> None:
    settings, resolved = KINDS[kind]
    assert read_task_values([{"task_key": "x", kind: settings, "resolved_values": {kind: resolved}}]) == {
        "load": {"rows": 3}
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ('{"a":[1]}', {"a": [1]}), ("Île", "Île"), ("007", "007"), ("", ""), ("NaN",) * 2],
)
def test_a_value_that_is_json_is_decoded(text: str, value: object) -> None:
    assert read_task_values([task("{{tasks.load.values.v}}", text)]) == {"load": {"v": value}}


def test_names_with_other_characters_stand_in_backticks() -> None:
    found = read_task_values([task("{{tasks.`load it`.values.`größe.in %`}}", "1")])
    assert found == {"load it": {"größe.in %": 1}}


@pytest.mark.parametrize(
    "setting",
    [
        "rows: {{tasks.load.values.rows}}",
        "{{tasks.load.values.rows}}{{tasks.load.values.more}}",
        "{{tasks.load.result_state}}",
        "{{job.parameters.rows}}",
        "{{tasks.load.values.rows.first}}",
        "{{tasks.load.values.rows}",
    ],
)
def test_what_is_not_wholly_a_value_is_left_out(setting: str) -> None:
    assert read_task_values([task(setting, "3")]) == {}


def test_the_last_attempt_counts() -> None:
    setting = "{{tasks.load.values.rows}}"
    assert read_task_values([task(setting, "2", attempt=1), task(setting, "1")]) == {"load": {"rows": 2}}


def test_a_task_that_never_started_shows_nothing() -> None:
    waiting = {"task_key": "x", "notebook_task": {"base_parameters": {"n": "{{tasks.load.values.rows}}"}}}
    assert read_task_values([waiting, {**waiting, "resolved_values": None}, {"task_key": "bare"}]) == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(st.lists(st.dictionaries(st.sampled_from(["resolved_values", "notebook_task", "x"]), JSON)))
def test_whatever_a_workspace_answers_is_read(tasks: list[dict[str, Any]]) -> None:
    assert isinstance(read_task_values(tasks), dict)
