"""The gate: what Python itself refuses never reaches libcst.

``ast.parse`` runs first. It is ten times faster than libcst, its verdict is the language's own, and it
gives the positions of everything. libcst overflows the machine's stack on very deep trees, which ends
the process, so depth is measured here and deep code is turned away by name.
"""

import ast
import sys
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Final

from airbrick.lint.source import SourceFile, Span

MAX_DEPTH: Final = 1000
"""Levels of nesting that are still read. libcst's time grows with the square of them."""

_LONG_STRING: Final = 2000
"""Characters of source from which a string may be a long implicit concatenation."""


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
    # Every level takes at least one character.
    if len(source.text) < MAX_DEPTH:
        return None
    stack: list[tuple[ast.AST, int]] = [(tree, 0)]
    push = stack.append
    while stack:
        node, depth = stack.pop()
        if depth > MAX_DEPTH:
            return _too_deep(_start_of(node, source))
        depth += 1 + _hidden_depth(node, source)
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                for item in value:
                    if isinstance(item, ast.AST):
                        push((item, depth))
            elif isinstance(value, ast.AST):
                push((value, depth))
    return None


def _hidden_depth(node: ast.AST, source: SourceFile) -> int:
    """Levels that libcst's tree has and Python's has not."""
    if isinstance(node, ast.BoolOp):
        return len(node.values)
    if isinstance(node, ast.Constant | ast.JoinedStr) and _size(node) > _LONG_STRING:
        parts = _string_parts(ast.get_source_segment(source.text, node) or "")
        return parts if parts > MAX_DEPTH else 0
    return 0


def _size(node: ast.expr) -> int:
    # Constants on one line are measured exactly; over several lines a line stands for eighty characters.
    lines = (node.end_lineno or node.lineno) - node.lineno
    return lines * 80 if lines else (node.end_col_offset or 0) - node.col_offset


def _string_parts(segment: str) -> int:
    return sum(1 for token in _tokens(f"({segment})") if token.type == tokenize.STRING)


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError):
        return


def _start_of(node: ast.AST, source: SourceFile) -> Span:
    line = getattr(node, "lineno", 1)
    column = source.column_of_byte(line, getattr(node, "col_offset", 0))
    return Span(line, column, line, column + 1)
