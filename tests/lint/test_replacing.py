"""Taking entries out of dicts, compared with Python's own dicts."""

import ast
from pathlib import Path

import libcst as cst
from hypothesis import given
from hypothesis import strategies as st

from airbrick.lint.edits import apply
from airbrick.lint.facts.interpreter import HANDLERS, new_world
from airbrick.lint.facts.run import Run
from airbrick.lint.facts.values import Known
from airbrick.lint.parsed import ParsedFile
from airbrick.lint.replacing import remove_entries
from airbrick.lint.source import SourceFile


@given(
    st.lists(st.sampled_from("abcdef"), unique=True, min_size=1).flatmap(
        lambda keys: st.tuples(st.just(keys), st.sets(st.sampled_from(keys), min_size=1))
    ),
    st.sampled_from([", ", ",\n    ", ",\r\n\t"]),
    st.sampled_from(["", ","]),
)
def test_entries_are_taken_out_and_nothing_else(
    chosen: tuple[list[str], set[str]], separator: str, trailing: str
) -> None:
    keys, gone = chosen
    start, end = (
        (separator[1:], separator[1:].rstrip(" \t") if "\n" in separator else "") if "\n" in separator else ("", "")
    )
    inner = separator.join(f'"{key}": {index}' for index, key in enumerate(keys))
    text = f"x = {{{start}{inner}{trailing}{end}}}\n"
    file = ParsedFile(SourceFile(Path("dag.py"), text), ast.parse(text), cst.parse_module(text))
    run = Run(file, HANDLERS, new_world())
    run.execute(file.module.body)
    found = run.frame.local("x")
    assert isinstance(found, Known)
    assert found.where is not None
    edits = remove_entries(found.where, gone)
    assert edits or len(gone) > 1
    left = ast.literal_eval(apply(text, edits).partition("= ")[2])
    assert not edits or left == {key: index for index, key in enumerate(keys) if key not in gone}
