"""Types of values in a configuration."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from airbrick.lint.kinds import Flag, Kind, Number, Table, Text, Texts, Version, WrongValueError, kind_of

GOOD: list[tuple[Kind, Any, Any]] = [
    (Text(), "a", "a"),
    (Text(("x", "y")), "y", "y"),
    (Flag(), True, True),
    (Number(), 3, 3),
    (Number(minimum=3), 3, 3),
    (Number(whole=False), 1.5, 1.5),
    (Number(whole=False), 2, 2),
    (Version(), "3.1", (3, 1)),
    (Version(), "2.10.3", (2, 10)),
    (Texts(), ["a", "b"], ("a", "b")),
    (Texts(), [], ()),
    (Texts(or_one=True), "a", ("a",)),
    (Table(Texts(), "patterns"), {"p": ["a"]}, (("p", ("a",)),)),
]
BAD: list[tuple[Kind, Any, str]] = [
    (Text(), 1, "expected text, found a number"),
    (Text(("x", "y")), "z", "expected one of x, y, found text"),
    (Flag(), "yes", "expected true or false, found text"),
    (Number(), True, "expected a whole number, found a boolean"),
    (Number(), 1.5, "expected a whole number, found a number"),
    (Number(minimum=3), 2, "expected a whole number from 3, found a number"),
    (Number(whole=False), "1", "expected a number, found text"),
    (Version(), 3.1, 'expected a version such as "3.1", found a number'),
    (Version(), "three", 'expected a version such as "3.1", found text'),
    (Texts(), "a", "expected a list of texts, found text"),
    (Texts(), [1], "expected a list of texts, found a number"),
    (Texts(), [None], "expected a list of texts, found NoneType"),
    (Texts(or_one=True), 1, "expected a list of texts, found a number"),
    (Table(Texts(), "patterns"), [], "expected a table of patterns, found a list"),
    (Table(Texts(), "patterns"), {"p": 1}, "expected a list of texts, found a number"),
]


@pytest.mark.parametrize(("kind", "value", "expected"), GOOD)
def test_what_fits_is_read(kind: Kind, value: Any, expected: Any) -> None:
    assert kind.check(value) == expected


@pytest.mark.parametrize(("kind", "value", "message"), BAD)
def test_what_does_not_fit_is_refused(kind: Kind, value: Any, message: str) -> None:
    with pytest.raises(WrongValueError) as caught:
        kind.check(value)
    assert str(caught.value) == message


@pytest.mark.parametrize(("kind", "value"), [case[:2] for case in GOOD + BAD])
def test_the_schema_has_the_same_opinion(kind: Kind, value: Any) -> None:
    try:
        kind.check(value)
        fits = True
    except WrongValueError:
        fits = False
    assert Draft202012Validator(kind.schema()).is_valid(value) is fits


@pytest.mark.parametrize(
    ("default", "kind"),
    [(False, Flag()), (1, Number()), (1.5, Number(whole=False)), ("a", Text()), ((), Texts()), (("a",), Texts())],
)
def test_a_default_stands_for_its_kind(default: object, kind: Kind) -> None:
    assert kind_of(default) == kind
    assert kind_of((13, 3)) == Version()
    with pytest.raises(TypeError):
        kind_of(None)
