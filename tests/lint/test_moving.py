"""Moving a class: which import binds it, and who else uses its name."""

import ast
from pathlib import Path

import libcst as cst
import pytest

from airbrick.lint.edits import apply
from airbrick.lint.moving import binding_of, move, uses
from airbrick.lint.parsed import ParsedFile
from airbrick.lint.source import SourceFile


def parsed(text: str) -> ParsedFile:
    return ParsedFile(SourceFile(Path("d.py"), text), ast.parse(text), cst.parse_module(text))


def moved(text: str, module: str = "new", name: str = "B") -> str:
    file = parsed(text)
    call = next(node for node in ast.walk(file.tree) if isinstance(node, ast.Call))
    binding = binding_of(file, call)
    return apply(text, move(file, binding, module, name)) if binding is not None else text


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("from old import A\nA()\nx = A\n", "from new import B\nB()\nx = B\n"),
        ("from old import A as C\nC()\n", "from new import B as C\nC()\n"),
        ("from old import (A)\nA()\n", "from new import B\nB()\n"),
        ("from old import A, Z\nA()\n", "from new import B\nfrom old import Z\nB()\n"),
        ("from old import Z, A\nA()\n", "from new import B\nfrom old import Z\nB()\n"),
        ("from old import A\r\nfrom new import B\r\nA()\r\n", "from new import B\r\nB()\r\n"),
        ("def f():\n\tfrom old import A, Z\n\tA()\n", "def f():\n\tfrom new import B\n\tfrom old import Z\n\tB()\n"),
        ("from old import A\nA.partial(x=1)\n", "from new import B\nB.partial(x=1)\n"),
    ],
)
def test_the_import_and_all_uses_move(text: str, after: str) -> None:
    assert moved(text) == after


@pytest.mark.parametrize(
    "text",
    [
        "from old import A\nfrom other import A\nA()\n",
        "import old\nold.A()\n",
        "from old import A\nA()\nA = 1\n",
        "from old import A\nA()\ndef f(A): pass\n",
        "from old import A\nA()\nB = 1\n",
        "from old import A\nfrom other import B\nA()\n",
        "from old import (\n    A,  # why\n)\nA()\n",
        "x = 1; from old import A, Z\nA()\n",
        "if x:\n    from old import A\nfrom new import B\nA()\n",
        "from .old import A\nA()\n",
    ],
)
def test_what_is_not_sure_stays(text: str) -> None:
    assert moved(text) == text


def test_names_that_are_bound_otherwise_are_not_followed() -> None:
    assert uses(parsed("a + a"), "a") is not None
    assert len(uses(parsed("a + a"), "a") or []) == 2
    assert uses(parsed("for a in b: a"), "a") is None
    assert uses(parsed("class a: pass"), "a") is None
