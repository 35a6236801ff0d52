"""The gate: what Python itself refuses never reaches libcst.

``ast.parse`` runs first. It is ten times faster than libcst, its verdict is the language's own, and it
gives the positions of everything. libcst overflows the machine's stack on very deep trees, which ends
the process, so depth is measured here and deep code is turned away by name.
"""

import ast
import sys
import warnings
from dataclasses import dataclass
from typing import Final

from airbrick.lint.literals import string_literals
from airbrick.lint.source import SourceFile, Span

MAX_DEPTH: Final = 1000
"""Levels of nesting that are still read. libcst's time grows with the square of them."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is not analysed.

    :param syntax: whether Python refuses it too; if not, only this linter cannot read it.
    """

    message: str
    span: Span
    syntax: bool


def parse(source: SourceFile) -> ast.Module | Refusal:
    """Parse a file with Python's own parser.

    :returns: the tree, or why there is none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source.text)
        except SyntaxError as error:
            return _syntax_refusal(source, error)
        except ValueError as error:
            return _null_refusal(source, error)
        except (RecursionError, MemoryError):
            return _too_deep(Span(1, 1, 1, 1))
    return _measure(tree, source) or tree


def _syntax_refusal(source: SourceFile, error: SyntaxError) -> Refusal:
    line = min(max(error.lineno or 1, 1), len(source.line_starts))
    column = max(error.offset or 1, 1)
    width = len(source.line_text(line))
    column = min(column, width + 1)
    end_column = column + 1
    if error.end_lineno == error.lineno and error.end_offset and error.end_offset > column:
        end_column = min(error.end_offset, width + 1)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Refusal(
        f"Python {version} cannot parse this: {error.msg}", Span(line, column, line, end_column), syntax=True
    )


def _null_refusal(source: SourceFile, error: ValueError) -> Refusal:
    line, column = source.position(max(source.text.find("\0"), 0))
    return Refusal(f"Python cannot parse this: {error}", Span(line, column, line, column + 1), syntax=True)


def _too_deep(span: Span) -> Refusal:
    return Refusal(f"nested too deeply to analyse (more than {MAX_DEPTH} levels)", span, syntax=False)


def _measure(tree: ast.Module, source: SourceFile) -> Refusal | None:
    """Refuse a tree that is too deep.

    Every level takes at least one character, so only what is long has to be walked.
    """
    if len(source.text) < MAX_DEPTH:
        return None
    stack: list[tuple[ast.AST, int]] = [(statement, 1) for statement in tree.body]
    while stack:
        node, depth = stack.pop()
        inner = [child for name in _BLOCKS for child in getattr(node, name, ())]
        if depth > MAX_DEPTH:
            return _too_deep(_start_of(node, source))
        if not inner:
            deep = _deepest(node, depth, source) if _extent(node, None, source) + depth > MAX_DEPTH else None
        else:
            stack.extend((child, depth + 1) for child in inner)
            deep = _deepest_in_header(node, depth, source) if _extent(node, inner[0], source) > MAX_DEPTH else None
        if deep is not None:
            return _too_deep(_start_of(deep, source))
    return None


_BLOCKS: Final = ("body", "orelse", "finalbody", "handlers", "cases")


def _extent(node: ast.AST, below: ast.AST | None, source: SourceFile) -> int:
    """Give an upper limit of the characters a statement takes.

    :param below: the first statement of its body, where only the header counts.
    """
    starts = source.line_starts
    line: int = getattr(node, "lineno", 1)
    end: int = getattr(node, "end_lineno", None) or line
    if below is not None:
        end = getattr(below, "lineno", None) or end
    return (starts[end] if end < len(starts) else len(source.text)) - starts[line - 1]


def _deepest_in_header(node: ast.AST, depth: int, source: SourceFile) -> ast.AST | None:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            deep = _deepest(child, depth, source)
            if deep is not None:
                return deep
    return None


def _deepest(root: ast.AST, depth: int, source: SourceFile) -> ast.AST | None:
    """Find a node below the root that is too deep."""
    stack: list[tuple[ast.AST, int]] = [(root, depth)]
    while stack:
        node, level = stack.pop()
        level += 1
        if isinstance(node, ast.BoolOp):
            # libcst nests what Python's tree holds side by side.
            level += len(node.values)
        elif isinstance(node, ast.Constant | ast.JoinedStr):
            level += _string_parts(node, source)
        if level > MAX_DEPTH:
            return node
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                stack.extend((item, level) for item in value if isinstance(item, ast.AST))
            elif isinstance(value, ast.AST):
                stack.append((value, level))
    return None


def _string_parts(node: ast.expr, source: SourceFile) -> int:
    """Count the literals of an implicit concatenation, which libcst nests."""
    end_line, end_byte = node.end_lineno or node.lineno, node.end_col_offset or 0
    start = source.offset(node.lineno, source.column_of_byte(node.lineno, node.col_offset))
    end = source.offset(end_line, source.column_of_byte(end_line, end_byte))
    if end - start < MAX_DEPTH:
        return 0
    return sum(1 for _ in string_literals(source.text, start, end))


def _start_of(node: ast.AST, source: SourceFile) -> Span:
    line = getattr(node, "lineno", 1)
    column = source.column_of_byte(line, getattr(node, "col_offset", 0))
    return Span(line, column, line, column + 1)
