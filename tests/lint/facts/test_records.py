"""Data classes and named tuples, class methods, and values that one of several keys leads to."""

import pytest
from tests.lint.facts.test_interpreter import fact_of, plain

RECORDS = """\
from dataclasses import dataclass
from typing import NamedTuple
@dataclass(frozen=True)
class A:
    a: int
    b: str = 'b'
@dataclass
class B(A):
    c: int = 0
class T(NamedTuple):
    a: int
    b: str = 'b'
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = A(1).a", 1),
        ("x = A(1).b", "b"),
        ("x = A(1, 'c').b", "c"),
        ("x = A(a=1, b='c').b", "c"),
        ("x = A(1, **y).b", ...),
        ("x = A(*y).b", ...),
        ("x = B(1, 'c', 2).c", 2),
        ("x = T(1, 'c').b", "c"),
    ],
)
def test_records_are_what_their_constructor_was_given(text: str, expected: object) -> None:
    assert plain(fact_of(RECORDS + text)) == expected


METHODS = """\
class C:
    a = 1
    @classmethod
    def made(cls, b): return (cls.a, b)
    @staticmethod
    def plain(b): return b
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = C.made(2)", (1, 2)),
        ("x = C().made(2)", (1, 2)),
        ("x = C.plain(2)", 2),
        ("x = C().plain(2)", 2),
        ("x = {'a': 1, 'b': 2}[y]", {"1", "2"}),
        ("x = {'a': 1, 'b': 1}[y]", 1),
        ("x = {'a': 1, **y}[z]", ...),
        ("x = {}[y]", ...),
        ("x = {'a': 1}.get(y, 2)", {"1", "2"}),
        ("x = {'a': 1}.get(y)", {"1", "None"}),
    ],
)
def test_methods_of_a_class_and_computed_keys(text: str, expected: object) -> None:
    assert plain(fact_of(METHODS + text)) == expected
