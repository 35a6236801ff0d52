"""The texts a file holds, and what they are called."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal that the program uses.

    :param name: the argument, key or variable it is given to; empty when there is none.
    """

    node: ast.Constant
    value: str
    name: str


def texts_of(tree: ast.Module) -> Iterator[Text]:
    """Give the string literals of a file, without those that are no more than a comment."""
    stack: list[tuple[ast.AST, str]] = [(tree, "")]
    while stack:
        node, name = stack.pop()
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield Text(node, node.value, name)
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        stack.extend(reversed(list(_children(node, name))))


def _children(node: ast.AST, name: str) -> Iterator[tuple[ast.AST, str]]:
    if isinstance(node, ast.keyword):
        yield node.value, node.arg or ""
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                yield key, ""
            yield value, key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        yield node.value, _target(target)
    else:
        # A text within a larger expression is still given to what the expression is given to.
        inner = name if isinstance(node, ast.JoinedStr | ast.BoolOp | ast.IfExp) else ""
        for child in ast.iter_child_nodes(node):
            yield child, inner


def _target(target: ast.expr) -> str:
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return target.attr
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return str(target.slice.value)
    return ""
