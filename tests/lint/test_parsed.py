"""Positions: both trees of a file agree on where things are."""

import ast
import re
import sys
import warnings
from contextlib import suppress
from pathlib import Path

import libcst as cst
import pytest

from airbrick.lint.parsed import _FIELDS, ParsedFile, _walk_cst, parse
from airbrick.lint.source import SourceFile


def parsed(text: str) -> ParsedFile:
    return ParsedFile(SourceFile(Path("a.py"), text), ast.parse(text), cst.parse_module(text))


def unwrapped(file: ParsedFile, node: cst.CSTNode) -> str:
    """Give the code of a node without the brackets around it, which belong to no position."""
    text = file.module.code_for_node(node)
    count = len(getattr(node, "lpar", ()))
    return text[count : len(text) - count] if count else text


def all_nodes(node: cst.CSTNode) -> list[cst.CSTNode]:
    return [node, *(inner for child in node.children for inner in all_nodes(child))]


EVERYTHING = '''\
@decorated(a, b=1)
@other.thing
def f(x: int = g(1), /, y: "str" = h(2), *args: T, z=(i(3),), **kw: dict[str, int]) -> list[j(4)]:
    """Text."""
    global q
    return lambda a=k(5): l(a, *args, m=n(6), **kw)
class C(Base(7), *bases, metaclass=Meta(8)):
    a: int = b(9)
    c[d, e(10)] = {f(11): g(12), **h(13)}
    x[1:j(14), (2, 3)] += (yield)
async def g():
    async with a(15) as b, c(16) as (d, e):
        return [x(17) async for x in y(18) if z(19) for k in l(20)]
if (n := o(21)) > p(22) >= 3 or not q(23):
    del r[s(24)], t
elif u:
    raise v(25) from w(26)
try:
    pass
except (A, B(27)) as e:
    assert x(28), y(29)
finally:
    print(f"{a(30)!r:>{b(31)}}", "x" "y" f"{c(32)}", b"z" b"w", 1, 2.0, 3j, None, True, ...)
while a(33)[b(34)](c(35)).d(36): from_ = e(37); continue
match f(38):
    case {"a": 1, **rest}: pass
    case [1, *others] | (2, -3): pass
    case Point(x=0, y=None) as p if g(39): pass
    case "text" | 1.5 | True: pass
x = ((a(40)), (b(41), ), [c(42)], {d(43)}, (e for e in f(44)))
from m import (n as o)
import p.q as r
x = a if b(45) else c(46)
"ü✓🜁"; y = g("ü", h(47))
'''


def test_everything_the_language_has_is_placed() -> None:
    file = parsed(EVERYTHING)
    placed = []
    for node in all_nodes(file.module):
        if isinstance(node, cst.Call) and file.has_position(node):
            span = file.span(node)
            start, end = file.source.offset(span.line, span.column), file.source.offset(span.end_line, span.end_column)
            assert file.source.text[start:end] == unwrapped(file, node)
            placed.append(file.source.text[start:end])
    numbers = {int(number) for text in placed for number in re.findall(r"\((\d+)\)$", text)}
    in_f_strings = {30, 31, 32}
    assert numbers >= set(range(1, 48)) - in_f_strings


@pytest.mark.parametrize("kind", [cst.Dict, cst.List, cst.SimpleString, cst.Name, cst.Attribute, cst.Integer])
def test_places_hold_the_text_of_their_node(kind: type[cst.CSTNode]) -> None:
    file = parsed(EVERYTHING)
    placed = [node for node in all_nodes(file.module) if isinstance(node, kind) and file.has_position(node)]
    assert placed
    for node in placed:
        span = file.span(node)
        start, end = file.source.offset(span.line, span.column), file.source.offset(span.end_line, span.end_column)
        assert file.source.text[start:end] == unwrapped(file, node)


@pytest.mark.parametrize("kind", _FIELDS, ids=lambda kind: kind.__name__)
def test_the_fields_that_are_walked_exist(kind: type[cst.CSTNode]) -> None:
    assert set(_FIELDS[kind]) <= set(kind.__dataclass_fields__)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters came with Python 3.12")
def test_type_parameters_are_walked() -> None:
    file = parsed("def f[T: int, *Ts, **P](x: T) -> g(1): h(2)\nclass C[T]: x = h(3)\ntype A[T] = list[T]\ny = h(4)\n")
    calls = [node for node in _walk_cst(file.module) if isinstance(node, cst.Call)]
    assert [file.source.line_text(file.span(call).line)[file.span(call).column - 1 :][:1] for call in calls] == [
        "g",
        "h",
        "h",
        "h",
    ]


def test_what_stands_inside_a_string_is_placed_where_the_string_is_and_has_no_counterpart() -> None:
    text = 'x = f(1)\ny = f"""{f(2)\n} {g(f"{f(3)}")}"""\nz = (\n    "ü" f"{a[f(4)]}"\n)\nf(5)\n'
    file = parsed(text)
    spans = {}
    for node in all_nodes(file.module):
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "f":
            span = file.span(node)
            spans[file.module.code_for_node(node)] = (span.line, span.column, span.end_line, span.end_column)
            assert (file.counterpart(node) is not None) == (span.line in {1, 7})
    assert spans == {
        "f(1)": (1, 5, 1, 9),
        "f(2)": (2, 5, 3, 20),
        "f(3)": (2, 5, 3, 20),
        "f(4)": (5, 5, 5, 21),
        "f(5)": (7, 1, 7, 5),
    }


def test_a_node_of_another_file_is_placed_at_the_start() -> None:
    assert parsed("x = 1").span(cst.Name("x")).line == 1


def test_both_trees_agree_on_real_code() -> None:
    import airflow

    assert airflow.__file__ is not None
    root = Path(airflow.__file__).parent / "example_dags"
    for path in sorted(root.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            file = parsed(text)
        for node in _walk_cst(file.module):
            if isinstance(node, cst.FunctionDef | cst.ClassDef):
                span = file.span(node)
                assert node.name.value in file.source.line_text(span.line), path


def test_nodes_that_are_made_by_hand_are_looked_over_before_and_after_a_file_is_read() -> None:
    for text in ("x = 1\n", "def f(\n"):
        source = SourceFile(Path("dag.py"), text)
        with suppress(cst.ParserSyntaxError):
            parse(source, ast.Module([], []))
        with pytest.raises(cst.CSTValidationError):
            cst.Name("")
