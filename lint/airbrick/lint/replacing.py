"""Edits that replace a part of an expression, and the imports they need."""

import ast
from typing import TYPE_CHECKING

from airbrick.lint.facts.values import Place
from airbrick.lint.finding import Edit
from airbrick.lint.source import SourceFile

if TYPE_CHECKING:
    from airbrick.lint.parsed import ParsedFile


def replace_argument(place: Place, name: str, text: str) -> tuple[Edit, ...]:
    """Replace a keyword argument of a call, its name included.

    :param place: the call.
    :returns: the edit; none when the call does not write the argument itself.
    """
    call = place.file.counterpart(place.node)
    if not isinstance(call, ast.Call):
        return ()
    return tuple(Edit(*_range(place.file.source, keyword), text) for keyword in call.keywords if keyword.arg == name)


def replace_expression(place: Place, text: str) -> tuple[Edit, ...]:
    """Replace an expression; none when its place is not known."""
    found = place.file.counterpart(place.node)
    return () if not isinstance(found, ast.expr) else (Edit(*_range(place.file.source, found), text),)


def import_name(file: "ParsedFile", module: str, name: str) -> tuple[str, tuple[Edit, ...]] | None:
    """Give what a name of another module is called in a file, with the edits that import it if need be.

    :returns: ``None`` when the name stands for something else in the file.
    """
    body = file.tree.body
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module == module and not node.level:
            for alias in node.names:
                if alias.name == name:
                    return alias.asname or name, ()
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == module:
                    return f"{alias.asname or module}.{name}", ()
    if any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(file.tree)):
        return None
    imports = [n for n in body if isinstance(n, ast.Import | ast.ImportFrom) and not _is_future(n)]
    if not imports:
        return None
    at = file.source.line_starts[imports[0].lineno - 1]
    line = f"from {module} import {name}{file.source.newline_at(imports[0].lineno)}"
    return name, (Edit(at, at, line),)


def _is_future(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _range(source: SourceFile, node: ast.expr | ast.keyword) -> tuple[int, int]:
    """Give the offsets of a node."""
    end_line = node.end_lineno or node.lineno
    start = source.offset(node.lineno, source.column_of_byte(node.lineno, node.col_offset))
    return start, source.offset(end_line, source.column_of_byte(end_line, node.end_col_offset or 0))
