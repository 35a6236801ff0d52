"""Where a cursor stands in code that is being typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.lint.editor.scanner import Spot, spot_at


def spot(text: str) -> Spot | None:
    return spot_at(text.replace("|", "", 1), text.index("|"))


@pytest.mark.parametrize(
    ("text", "callee", "keyword"),
    [
        ('f(job="|")', "f", "job"),
        ('f(job="|', "f", "job"),
        ("a.b . C(\n  x=1,\n  job = '''ab|c''',\n)", "a.b.C", "job"),
        ('f("|")', "f", ""),
        ('f(x=1, "|")', "f", ""),
        ("f(job=r'|')", "f", "job"),
        ('# f(job="\ng(job="|")', "g", "job"),
        ('"(("; f(job="a\\"|")', "f", "job"),
        ('f(g(x="1"), job="|")', "f", "job"),
        ('f(x={"a": [1]}, job="|")', "f", "job"),
    ],
)
def test_a_literal_is_found_in_its_call(text: str, callee: str, keyword: str) -> None:
    found = spot(text)
    assert found is not None
    assert found.brackets[-1].callee == callee
    assert found.keyword == keyword


@pytest.mark.parametrize(
    "text", ['f(job=|"a")', 'f(job="a"|)', '# f(job="|")', 'f(job=f"|")', 'f(job=b"|")', "|", "f(|)", 'x = "a"|']
)
def test_elsewhere_there_is_none(text: str) -> None:
    assert spot(text) is None


def test_keys_of_a_dict_are_told_from_values() -> None:
    for text, keyword, before in (
        ('f(p={"|"})', "p", "{"),
        ('f(p={"a": 1, "|"})', "p", ","),
        ('f(p={"a": "|"})', "p", ":"),
    ):
        found = spot(text)
        assert found is not None
        assert (found.brackets[-1].keyword, found.before) == (keyword, before)


@given(st.text(alphabet="ab=(){}[]\"'#\\\n ,.:f", max_size=60), st.integers(0, 60))
def test_any_text_is_scanned(text: str, offset: int) -> None:
    found = spot_at(text, min(offset, len(text)))
    assert found is None or 0 < found.start <= offset
