"""Edits: what is added, and that everything else stays as it is."""

import ast
from pathlib import Path

import libcst as cst
from hypothesis import given
from hypothesis import strategies as st

from airbrick.lint.edits import add_entry, apply
from airbrick.lint.facts.values import Place
from airbrick.lint.parsed import ParsedFile
from airbrick.lint.source import SourceFile

_SPACE = st.sampled_from(["", " ", "\n    ", "\n\t", "\r\n    ", "  # a, b}\n    ", " \\\n "])
_VALUE = st.sampled_from(["1", '"ü"', "(2)", "[3,\n4]", "{'x': {}}", "f(5, 6)", "'#}'"])
_ENTRY = st.tuples(st.sampled_from(["'a'", '"b"', "('c')", "**"]), _SPACE, _VALUE)


@st.composite
def dicts(draw: st.DrawFn) -> str:
    """Draw a dict display in some layout."""
    parts: list[str] = []
    entries: list[tuple[str, str, str]] = draw(st.lists(_ENTRY, max_size=4))
    for key, space, value in entries:
        entry = "**{7: 8}" if key == "**" else f"{key}:{' ' if space.startswith(('  #', ' ')) else ''}{value}"
        parts.append(f"{draw(_SPACE)}{entry}{draw(_SPACE)}")
    comma = draw(st.sampled_from(["", ","])) if parts else ""
    return "{" + ",".join(parts) + comma + draw(_SPACE) + "}"


def _parse(text: str) -> ParsedFile | None:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    return ParsedFile(SourceFile(Path("d.py"), text), tree, cst.parse_module(text))


def _dict(text: str) -> ast.Dict:
    statement = ast.parse(text).body[0]
    assert isinstance(statement, ast.Assign)
    assert isinstance(statement.value, ast.Dict)
    return statement.value


@given(dicts())
def test_an_entry_is_added_to_a_dict_of_any_layout(display: str) -> None:
    text = f"x = {display}  # after\n"
    file = _parse(text)
    if file is None:
        return
    statement = file.module.body[0]
    assert isinstance(statement, cst.SimpleStatementLine)
    assign = statement.body[0]
    assert isinstance(assign, cst.Assign)
    edits = add_entry(Place(file, assign.value), "key", "9")
    after = apply(text, edits)
    assert edits
    before_dict, after_dict = _dict(text), _dict(after)
    assert after_dict.keys[-1] is not None
    assert ast.unparse(after_dict.keys[-1]) == "'key'"
    assert list(map(ast.dump, after_dict.values[:-1])) == list(map(ast.dump, before_dict.values))
    assert sum(len(edit.text) for edit in edits) == len(after) - len(text)
