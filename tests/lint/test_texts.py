"""The texts of a file, and what they are given to."""

import ast

import pytest

from airbrick.lint.model.texts import texts_of


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("f(a='x')", "a"),
        ("{'a': 'x'}", "a"),
        ("a = 'x'", "a"),
        ("a: str = 'x'", "a"),
        ("o.a = 'x'", "a"),
        ("e['a'] = 'x'", "a"),
        ("f(a=b or 'x')", "a"),
        ("a = 'x' if b else c", "a"),
        ("a = f'x{b}'", "a"),
        ("f('x')", ""),
        ("a = f('x')", ""),
        ("a = ['x']", ""),
    ],
)
def test_texts_know_what_they_are_given_to(code: str, name: str) -> None:
    assert [text.name for text in texts_of(ast.parse(code)) if text.value == "x"] == [name]


def test_what_is_no_more_than_a_comment_is_left_out() -> None:
    code = '"""module"""\ndef f():\n    """function"""\n    "loose"\n    return "kept"\n'
    assert [text.value for text in texts_of(ast.parse(code))] == ["kept"]
