"""The imports of a file whose tasks are of another class now."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from airbrick.lint.finding import Edit
from airbrick.lint.inlined.refusal import RefusedError
from airbrick.lint.inlined.statements import removed_statement
from airbrick.lint.inlined.triggering import CLASS, MODULE
from airbrick.lint.moving import text_range

if TYPE_CHECKING:
    from airbrick.lint.parsed import ParsedFile

_PACKAGES: Final = frozenset({"airflow", "airbrick", "astro_databricks", "astronomer"})
_WIDTH: Final = 120


def importing(file: "ParsedFile", renamed: Sequence[ast.expr]) -> list[Edit]:
    """Give the edits of the imports, once classes are named otherwise.

    :param renamed: where the classes were named.
    :raises RefusedError: the file means something else by the operator's name.
    """
    if not renamed:
        return []
    gone = {node.id for node in renamed if isinstance(node, ast.Name)}
    spots = {id(node) for node in renamed}
    left = {node.id for node in ast.walk(file.tree) if isinstance(node, ast.Name) and id(node) not in spots}
    imports = [node for node in file.from_imports if not node.level]
    has = any(_brings_ours(node) and node in file.tree.body for node in imports)
    if not has and (CLASS in file.names or any((n.asname or n.name) == CLASS for i in imports for n in i.names)):
        raise RefusedError(f"{CLASS} is something else in this file", help="give that another name")
    edits, line = [], f"from {MODULE} import {CLASS}"
    for node in imports:
        removed = [name for name in node.names if (name.asname or name.name) in gone - left]
        if not removed or (node.module or "").partition(".")[0] not in _PACKAGES:
            continue
        kept = [name for name in node.names if name not in removed]
        # One inside a function or a branch would not be there for all.
        here = not has and node in file.tree.body
        if here and node.module == MODULE:
            kept.insert(0, ast.alias(CLASS))
        new = [_import(file, node, kept)] if kept else []
        if here and node.module != MODULE:
            new.insert(0, line)
        has = has or here
        edits.append(_replaced(file, node, new))
    if not has:
        first = next(n for n in file.tree.body if isinstance(n, ast.Import | ast.ImportFrom) and not _future(n))
        at = file.source.line_starts[first.lineno - 1]
        edits.append(Edit(at, at, line + file.source.newline_at(first.lineno)))
    return edits


def _brings_ours(node: ast.ImportFrom) -> bool:
    return node.module == MODULE and any(name.name == CLASS and name.asname is None for name in node.names)


def _future(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _import(file: "ParsedFile", node: ast.ImportFrom, names: Sequence[ast.alias]) -> str:
    told = [name.name + (f" as {name.asname}" if name.asname else "") for name in names]
    flat = f"from {node.module} import {', '.join(told)}"
    if len(flat) + node.col_offset <= _WIDTH:
        return flat
    newline, indent = file.source.newline_at(node.lineno), " " * node.col_offset
    lines = "".join(f"{indent}    {name},{newline}" for name in told)
    return f"from {node.module} import ({newline}{lines}{indent})"


def _replaced(file: "ParsedFile", node: ast.stmt, new: Sequence[str]) -> Edit:
    start, end = text_range(file, node)
    if new:
        joint = file.source.newline_at(node.lineno) + " " * node.col_offset
        return Edit(start, end, joint.join(new))
    return removed_statement(file, node)
