"""Text, encodings, and the way between lines, columns and offsets."""

import codecs
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.lint.source import DecodeError, SourceFile

PATH = Path("a.py")


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"", "", "utf-8"),
        ("x = 'é'\n".encode(), "x = 'é'\n", "utf-8"),
        (codecs.BOM_UTF8 + b"x = 1\n", "x = 1\n", "utf-8"),
        ("# coding: latin-1\nx = 'é'\n".encode("latin-1"), "# coding: latin-1\nx = 'é'\n", "iso-8859-1"),
        ("#!/bin/sh\n# vim: set fileencoding=cp1252 :\n'€'".encode("cp1252"), None, "cp1252"),
        (b"a\r\nb\rc\n", "a\r\nb\rc\n", "utf-8"),
    ],
)
def test_decodes_as_python_does_and_gives_the_same_bytes_back(data: bytes, text: str | None, encoding: str) -> None:
    source = SourceFile.from_bytes(data, PATH)
    assert source.encoding == encoding
    if text is not None:
        assert source.text == text
    assert source.to_bytes(source.text) == data


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"a\nb = '\xff'\n", "line 2 is not utf-8"),
        (b"# coding: no-such-code\n", "no-such-code"),
        (codecs.BOM_UTF8 + b"# coding: latin-1\n", "encoding problem"),
    ],
)
def test_bytes_that_are_no_text_are_refused_by_name(data: bytes, part: str) -> None:
    with pytest.raises(DecodeError, match=part):
        SourceFile.from_bytes(data, PATH)


def test_form_feeds_and_odd_separators_end_no_line() -> None:
    source = SourceFile(PATH, "a\x0cb\x85c\u2028d\ne")
    assert source.line_starts == [0, 8]
    assert source.line_text(1) == "a\x0cb\x85c\u2028d"
    assert source.line_text(3) == ""


@pytest.mark.parametrize(
    ("text", "line", "newline"),
    [("a\nb", 1, "\n"), ("a\r\nb", 1, "\r\n"), ("a\rb", 1, "\r"), ("a\r\nb", 2, "\r\n"), ("a", 1, "\n")],
)
def test_tells_the_newline_of_a_line(text: str, line: int, newline: str) -> None:
    assert SourceFile(PATH, text).newline_at(line) == newline


@given(st.text(alphabet="aé✓🜁\t \n\r", max_size=40))
def test_offsets_and_positions_are_inverse(text: str) -> None:
    source = SourceFile(PATH, text)
    for offset in range(len(text) + 1):
        assert source.offset(*source.position(offset)) == offset


@given(st.text(alphabet="aé✓🜁 ", max_size=20))
def test_byte_columns_become_character_columns(text: str) -> None:
    source = SourceFile(PATH, f"x\n{text}")
    for count in range(len(text) + 1):
        assert source.column_of_byte(2, len(text[:count].encode())) == count + 1


@given(st.text(alphabet="ab'#\n \r", max_size=30))
def test_lines_end_where_python_ends_them(text: str) -> None:
    lines = io.StringIO(text, newline=None).read().split("\n")
    source = SourceFile(PATH, text)
    assert [source.line_text(i + 1) for i in range(len(source.line_starts))] == lines
