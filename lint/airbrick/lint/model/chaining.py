"""Whether tasks that a loop builds may be put one behind the other."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airbrick.lint.context import RuleContext
    from airbrick.lint.parsed import ParsedFile

_SETTERS = frozenset({"set_upstream", "set_downstream"})


def may_chain(context: "RuleContext") -> bool:
    """Tell whether any loop of a file carries a task over to its next turn, or hands many to ``chain``.

    Judged by how it is written, and rather too often than too rarely.
    """
    model = context.model
    if model.chains is None:
        model.chains = _chains(context.file)
    return model.chains


def _chains(file: "ParsedFile") -> bool:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and _is_chain(node):
            return True
        if isinstance(node, ast.For | ast.AsyncFor | ast.While) and _carries(node):
            return True
    return False


def _is_chain(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in {"chain", "chain_linear"} and any(isinstance(arg, ast.Starred) for arg in call.args)


def _carries(loop: ast.For | ast.AsyncFor | ast.While) -> bool:
    inside = [node for statement in loop.body for node in ast.walk(statement)]
    carried = {
        target.id
        for node in inside
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    target = None if isinstance(loop, ast.While) else loop.target
    targets = {n.id for n in ast.walk(target) if isinstance(n, ast.Name)} if target is not None else set()
    for names, computed in map(_operands, _dependencies(inside)):
        if computed or names & carried or len(names & targets) > 1:
            return True
    return False


def _dependencies(nodes: list[ast.AST]) -> Iterator[list[ast.expr]]:
    for node in nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.LShift | ast.RShift):
            yield [node.left, node.right]
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.LShift | ast.RShift):
            yield [node.target, node.value]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SETTERS:
            yield [node.func.value, *node.args]


def _operands(parts: list[ast.expr]) -> tuple[set[str], bool]:
    """Give the names among the operands, and whether one is an item such as ``tasks[-1]``."""
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    return names, any(isinstance(part, ast.Subscript) for part in parts)
