import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.errors import UsageError
from airbrick.operators.runs.result import read_result
from airbrick.operators.runs.view import Phase, RunView, TaskView


def task(key: str, ended_at: float, *, run_id: int = 1, result: str = "SUCCESS", attempt: int = 0) -> TaskView:
    return TaskView(key, run_id, result, "", "", "", attempt, ended_at)


def run(*tasks: TaskView) -> RunView:
    return RunView(7, 2, Phase.ENDED, "TERMINATED", "SUCCESS", "SUCCESS", tasks=tasks)


def read(text: object, *, truncated: bool = False, **options: Any) -> Any:
    notebook = {"notebook_output": {"result": text, "truncated": truncated}}
    return read_result(run(task("a", 1)), name=None, output=lambda _: notebook, **options)


def test_the_task_that_ended_last_gives_the_result() -> None:
    outputs = {1: "early", 2: "late"}
    result = read_result(
        run(task("z", 10, run_id=1), task("a", 20, run_id=2)),
        name=None,
        output=lambda run_id: {"notebook_output": {"result": outputs[run_id]}},
    )
    assert (result.task_key, result.value) == ("a", "late")


def test_a_named_task_gives_the_result_of_its_last_attempt() -> None:
    seen: list[int] = []

    def output(run_id: int) -> Mapping[str, Any]:
        seen.append(run_id)
        return {}

    read_result(
        run(task("a", 5, run_id=1, attempt=0), task("a", 9, run_id=2, attempt=1), task("b", 20, run_id=3)),
        name="a",
        output=output,
    )
    assert seen == [2]


def test_a_name_the_run_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(UsageError, match=r"result_task='c'.*its tasks: 'a', 'b'"):
        read_result(run(task("b", 1), task("a", 1)), name="c", output=lambda _: {})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"rows": 12}', {"rows": 12}),
        ("[1, 9007199254740993]", [1, 9007199254740993]),
        ("null", None),
        ("plain", "plain"),
        ("", ""),
        ("2026-01-01", "2026-01-01"),
        ("NaN", "NaN"),
        ('{"a": Infinity}', '{"a": Infinity}'),
        ("[" * 100_000, "[" * 100_000),
        ("Île\r\n", "Île\r\n"),
    ],
)
def test_json_is_decoded_and_anything_else_stays_text(text: str, value: object) -> None:
    assert read(text).value == value


def test_a_result_that_was_cut_or_is_too_large_is_left_out() -> None:
    cut = read("12345", truncated=True)
    assert (cut.value, cut.truncated, cut.size_bytes) == (None, True, 5)
    large = read("é" * 10, max_bytes=19)
    assert (large.value, large.truncated, large.size_bytes) == (None, True, 20)
    assert read("é" * 10, max_bytes=20).value == "é" * 10


def test_a_run_whose_tasks_return_nothing_has_no_result() -> None:
    assert read_result(run(task("a", 1)), name=None, output=lambda _: {"logs": "x"}).value is None
    assert read_result(run(), name=None, output=lambda _: {}).value is None
    assert read(None).value is None


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    value = read(text).value
    try:
        assert value == json.loads(text) or value == text
    except ValueError:
        assert value == text
