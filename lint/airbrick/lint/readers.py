"""Who in a file reads a value, before a fix changes it."""

import ast

from airbrick.lint.facts.values import Place


def readers(place: Place) -> list[ast.expr]:
    """Give the expressions that read a value: it itself where it stands in one, else the uses of its name.

    :param place: the value.
    :returns: none when it cannot be told, such as for a name that is bound more than once.
    """
    tree, value = place.file.tree, place.file.counterpart(place.node)
    if not isinstance(value, ast.expr):
        return []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and is_part(node.value, value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return _uses(tree, targets[0].id) if len(targets) == 1 and isinstance(targets[0], ast.Name) else []
    return [value]


def is_part(outer: ast.expr, value: ast.expr) -> bool:
    """Tell whether an expression is a value, or a display that holds it as it is."""
    if outer is value:
        return True
    if isinstance(outer, ast.Dict):
        return any(is_part(inner, value) for inner in outer.values)
    return isinstance(outer, ast.List | ast.Tuple) and any(is_part(inner, value) for inner in outer.elts)


def _uses(tree: ast.Module, name: str) -> list[ast.expr]:
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]
    uses: list[ast.expr] = [node for node in named if isinstance(node.ctx, ast.Load)]
    return uses if len(named) == len(uses) + 1 else []
