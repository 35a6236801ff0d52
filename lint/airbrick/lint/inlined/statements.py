"""Statements that go, and those that go with them."""

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from airbrick.lint.finding import Edit
from airbrick.lint.moving import text_range

if TYPE_CHECKING:
    from airbrick.lint.parsed import ParsedFile


def removed_statement(file: "ParsedFile", node: ast.stmt) -> Edit:
    """Take a statement out; ``pass`` stays where its block would be empty or its line holds more."""
    source, (start, end) = file.source, text_range(file, node)
    begin = source.line_starts[node.lineno - 1]
    last = node.end_lineno or node.lineno
    after = source.line_starts[last] if last < len(source.line_starts) else len(source.text)
    comment = source.text[end:after].strip()
    alone = not source.text[begin:start].strip() and (not comment or comment.startswith("#"))
    sole = any(body == [node] for body in _blocks(file.tree))
    # Of the empty lines around it one half is enough.
    if begin and not source.line_text(node.lineno - 1).strip() and not source.line_text(last + 1).strip():
        after = source.line_starts[last + 1] if last + 1 < len(source.line_starts) else after
    return Edit(begin, after, "") if alone and not sole else Edit(start, end, "pass")


def _blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    for parent in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and not isinstance(parent, ast.Module):
                yield block


def unused_values(file: "ParsedFile", gone: Sequence[tuple[int, int]]) -> list[ast.stmt]:
    """Give assignments of plain values that only code that goes has read.

    :param gone: ranges of the text that go.
    """
    found: list[ast.stmt] = []
    ranges = list(gone)
    while True:
        more = [node for node in _assignments(file.tree) if node not in found and _is_unread(file, node, ranges)]
        if not more:
            return found
        found += more
        ranges += [text_range(file, node) for node in more]


def _assignments(tree: ast.Module) -> Iterator[ast.Assign | ast.AnnAssign]:
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(value, ast.Dict | ast.List):
            acts = any(isinstance(inner, ast.Call | ast.Await | ast.Yield) for inner in ast.walk(value))
            yield from () if acts else (node,)


def _is_unread(file: "ParsedFile", node: ast.Assign | ast.AnnAssign, gone: Sequence[tuple[int, int]]) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    target = targets[0]
    if len(targets) != 1 or not isinstance(target, ast.Name) or target.id.startswith("__"):
        return False
    uses = [n for n in ast.walk(file.tree) if isinstance(n, ast.Name) and n.id == target.id and n is not target]
    read = [text_range(file, use) for use in uses]
    return bool(read) and all(any(start <= a and b <= end for start, end in gone) for a, b in read)
