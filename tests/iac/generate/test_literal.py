import ast
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from airbrick.iac.generate.literal import WIDTH, Expression, call, literal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner, max_size=5),
)


@given(JSON, st.integers(0, 3))
def test_what_is_written_means_what_it_was(value: Any, indent: int) -> None:
    assert ast.literal_eval(literal(value, indent=indent)) == value


def test_texts_are_in_double_quotes_where_that_is_simpler() -> None:
    assert literal(["it's", 'say "so"', "a\nb", "größe"]) == """["it's", 'say "so"', "a\\nb", "größe"]"""


def test_long_values_are_folded_as_formatters_do() -> None:
    tasks = [{"task_key": f"task_{number}", "notebook_task": {"notebook_path": "/Workspace/x"}} for number in range(3)]
    source = call("iac.Job", ["nightly"], {"tasks": tasks, "timeout_seconds": 60})
    assert source.splitlines()[:4] == [
        "iac.Job(",
        '    "nightly",',
        "    tasks=[",
        '        {"task_key": "task_0", "notebook_task": {"notebook_path": "/Workspace/x"}},',
    ]
    assert all(len(line) <= WIDTH for line in source.splitlines())


def test_an_expression_stands_as_it_is() -> None:
    assert literal({"job_id": Expression("other.job_id")}) == '{"job_id": other.job_id}'
