"""Values that differ from one call of a function, or one turn of a loop, to the next."""

import ast
from typing import TYPE_CHECKING, Final, TypeGuard

if TYPE_CHECKING:
    from airbrick.lint.parsed import ParsedFile

_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LOOPS: Final = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def varies(file: "ParsedFile", expression: ast.expr) -> bool:
    """Tell whether an expression reads what a function or a loop around it binds.

    What this file passes to a function says nothing about the calls of other files.
    """
    return _reads(file, expression, (*_FUNCTIONS, *_LOOPS))


def comes_from_callers(file: "ParsedFile", expression: ast.expr) -> bool:
    """Tell whether an expression reads what a function around it binds, so that other files may fill it."""
    return _reads(file, expression, _FUNCTIONS)


def _reads(file: "ParsedFile", expression: ast.expr, around: tuple[type[ast.AST], ...]) -> bool:
    read = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
    return bool(read) and any(
        isinstance(scope, around) and not read.isdisjoint(names) and _contains(scope, expression)
        for scope, names in file.scopes
    )


def scopes_of(tree: ast.Module) -> tuple[tuple[ast.expr | ast.stmt, frozenset[str]], ...]:
    """Give the functions with parameters and the loops of a file, each with the names bound within it."""
    found = (node for node in ast.walk(tree) if isinstance(node, _LOOPS) or _has_parameters(node))
    return tuple((node, frozenset(_bound(node))) for node in found)


def _has_parameters(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda]:
    return isinstance(node, _FUNCTIONS) and any(isinstance(inner, ast.arg) for inner in ast.walk(node.args))


def _bound(scope: ast.AST) -> set[str]:
    inner = list(ast.walk(scope))
    stored = {node.id for node in inner if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {node.arg for node in inner if isinstance(node, ast.arg)}


def _contains(outer: ast.expr | ast.stmt, inner: ast.expr) -> bool:
    start, end = (outer.lineno, outer.col_offset), (outer.end_lineno or 0, outer.end_col_offset or 0)
    return start <= (inner.lineno, inner.col_offset) and (inner.end_lineno or 0, inner.end_col_offset or 0) <= end
