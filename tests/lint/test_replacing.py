"""Taking entries out of dicts, compared with Python's own dicts; names that are imported."""

import ast
from datetime import timedelta
from pathlib import Path

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.lint.edits import apply
from airbrick.lint.facts.interpreter import HANDLERS, new_world
from airbrick.lint.facts.run import Run
from airbrick.lint.facts.values import Known
from airbrick.lint.parsed import ParsedFile
from airbrick.lint.replacing import import_name, remove_entries
from airbrick.lint.source import SourceFile


def parsed(text: str) -> ParsedFile:
    return ParsedFile(SourceFile(Path("dag.py"), text), ast.parse(text), cst.parse_module(text))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("from datetime import timedelta\n", "timedelta"),
        ("from datetime import timedelta as td\n", "td"),
        ("import datetime\n", "datetime.timedelta"),
        ("import datetime as dt\n", "dt.timedelta"),
        ("import datetime\ndef f():\n    import datetime\n", "datetime.timedelta"),
        ("import datetime\nfrom datetime import timedelta\n", "datetime.timedelta"),
        ("import os\n", "timedelta"),
        # Where the module's name stands for something else as well, it is not read through it.
        ("import datetime\nfrom datetime import datetime\n", "timedelta"),
        ("from datetime import datetime\nimport datetime\n", "timedelta"),
        ("import datetime as dt\ndt = 1\n", "timedelta"),
        ("import datetime\ndef f(datetime): ...\n", "timedelta"),
        ("import datetime\nfor datetime in (): ...\n", "timedelta"),
        ("import datetime\ndef f():\n    from pendulum import datetime\n", "timedelta"),
    ],
)
def test_a_name_is_read_as_the_file_imports_it(text: str, name: str) -> None:
    found = import_name(parsed(text), "datetime", "timedelta")
    assert found is not None
    assert found[0] == name
    edited = apply(text, found[1])
    assert eval(f"{name}(hours=2)", _run(edited)) == timedelta(hours=2)


def _run(text: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(compile(text, "dag.py", "exec"), names)
    return names


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import timedelta\nclass timedelta: ...\n",
        "from pendulum import duration as timedelta\n",
        "import pendulum as timedelta\n",
        "import os\ndef timedelta(): ...\n",
        "from datetime import timedelta\ntry: ...\nexcept OSError as timedelta: ...\n",
    ],
)
def test_a_name_that_the_file_binds_to_something_else_too_is_not_used(text: str) -> None:
    assert import_name(parsed(text), "datetime", "timedelta") is None


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
    file = parsed(text)
    run = Run(file, HANDLERS, new_world())
    run.execute(file.module.body)
    found = run.frame.local("x")
    assert isinstance(found, Known)
    assert found.where is not None
    edits = remove_entries(found.where, gone)
    assert edits or len(gone) > 1
    left = ast.literal_eval(apply(text, edits).partition("= ")[2])
    assert not edits or left == {key: index for index, key in enumerate(keys) if key not in gone}
