"""The lines that statements take."""

import ast
from collections.abc import Iterator

from airbrick.lint.source import SourceFile


def statements_of(tree: ast.Module, source: SourceFile) -> Iterator[tuple[int, int]]:
    """Give first and last line of every statement, of a compound one its header."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.stmt):
            yield _lines(node, source)
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            value = getattr(node, name, None)
            if isinstance(value, list):
                stack.extend(value)


def _first_line(node: ast.AST) -> int:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([getattr(node, "lineno", 1), *(decorator.lineno for decorator in decorators)])


def _lines(node: ast.stmt, source: SourceFile) -> tuple[int, int]:
    first = _first_line(node)
    inner = getattr(node, "body", None) or getattr(node, "cases", None)
    if not isinstance(inner, list):
        return first, node.end_lineno or first
    # The header ends before the body; blank lines and comments between them belong to the body.
    last = _first_line(inner[0]) - 1
    while last > node.lineno and _is_idle_line(source, last):
        last -= 1
    return first, max(node.lineno, last)


def _is_idle_line(source: SourceFile, line: int) -> bool:
    text = source.line_text(line).strip()
    return not text or text.startswith("#")
