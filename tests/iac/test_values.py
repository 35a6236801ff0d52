"""What is asked of property values all over."""

import pytest
from hypothesis import given
from tests.iac.test_codec import values

from airbrick.iac.values import UNKNOWN, Secret, Value, conceal, identical, is_secret, is_unknown, reveal, walk


@given(values)
def test_a_value_is_identical_to_itself_unless_something_in_it_is_unknown(value: Value) -> None:
    assert identical(value, value) is not is_unknown(value)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, True),
        (0, False),
        (1, 1.0),
        ("1", 1),
        (None, ""),
        ([], {}),
        ("a", Secret("a")),
        (Secret("a"), Secret("b")),
        (UNKNOWN, UNKNOWN),
        ({"a": [1, {"b": 1}]}, {"a": [1, {"b": True}]}),
        ({"a": 1}, {"a": 1, "b": None}),
        (["a", "b"], ["b", "a"]),
        ([1], [1, 1]),
    ],
)
def test_what_differs_in_anything_is_not_identical(left: Value, right: Value) -> None:
    assert not identical(left, right)
    assert not identical({"x": [left]}, {"x": [right]})


def test_the_order_of_members_means_nothing() -> None:
    assert identical({"a": Secret([1]), "b": None}, {"b": None, "a": Secret([1])})


@given(values)
def test_what_is_inside_is_found_at_any_depth(value: Value) -> None:
    inside = [item for _, item in walk(value)]
    assert is_secret(value) is any(isinstance(item, Secret) for item in inside)
    assert is_unknown(value) is any(item is UNKNOWN for item in inside)


@given(values)
def test_no_mark_is_left_and_nothing_else_changes(value: Value) -> None:
    assert not is_secret(reveal(value))
    assert not is_secret(conceal(value, mask=""))
    if not is_secret(value):
        assert reveal(value) == conceal(value, mask="") == value
