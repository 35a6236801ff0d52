from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.authoring.json_value import check_json
from airbrick.operators.errors import UsageError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON)
def test_what_json_holds_passes(value: Any) -> None:
    check_json("tasks", value)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([{"a": {"b": datetime(2026, 1, 1, tzinfo=UTC)}}], "tasks[0].a.b: is a datetime, which JSON cannot hold"),
        ({"a": [1, float("nan")]}, "tasks.a[1]: is not a finite number"),
        ({"a": {3: "x"}}, "tasks.a: has a key that is a int"),
        ({"a": {1, 2}}, "tasks.a: is a set"),
        (b"secret", "tasks: is a bytes"),
    ],
)
def test_what_json_cannot_hold_is_named_by_its_place_and_not_shown(value: Any, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_json("tasks", value)
    assert str(caught.value).startswith(says)
    assert "secret" not in str(caught.value)
