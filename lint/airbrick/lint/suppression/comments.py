"""Where the comments of a file are that may hold a directive."""

import ast
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from airbrick.lint.literals import string_literals
from airbrick.lint.source import SourceFile, Span

_HINT: Final = re.compile(r"airbrick:|noqa:", re.IGNORECASE)


def comments_of(source: SourceFile, tree: ast.Module | None) -> Iterator[Span]:
    """Give the comments that may hold a directive."""
    lines = dict.fromkeys(source.position(match.start())[0] for match in _HINT.finditer(source.text))
    taken = string_ranges(source, tree) if tree is not None else []
    for line in lines:
        text = source.line_text(line)
        start = source.line_starts[line - 1]
        columns = (match.start() for match in re.finditer("#", text))
        column = next((c for c in columns if not is_within(start + c, taken)), None)
        # Without a tree strings cannot be told apart, so only a line of its own counts.
        if column is not None and (tree is not None or not text[:column].strip()):
            yield Span(line, column + 1, line, len(text) + 1)


def string_ranges(source: SourceFile, tree: ast.Module) -> list[tuple[int, int]]:
    """Give the offsets at which strings start and end, in order."""
    ranges: list[tuple[int, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
            end_line = node.end_lineno or node.lineno
            start = source.offset(node.lineno, source.column_of_byte(node.lineno, node.col_offset))
            end = source.offset(end_line, source.column_of_byte(end_line, node.end_col_offset or 0))
            if isinstance(node, ast.JoinedStr) and node.lineno == end_line:
                ranges.append((start, end))
            # Comments may stand between the parts of an implicit concatenation.
            ranges.extend(string_literals(source.text, start, end))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def is_within(offset: int, ranges: list[tuple[int, int]]) -> bool:
    """Tell whether an offset lies in one of the ranges."""
    index = bisect_right(ranges, offset, key=lambda pair: pair[0])
    return index > 0 and offset < ranges[index - 1][1]
