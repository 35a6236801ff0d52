"""Edits of source text that leave every other byte as it is."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace

from airbrick.lint.facts.values import Place
from airbrick.lint.finding import Edit
from airbrick.lint.source import SourceFile


def add_argument(place: Place, text: str) -> tuple[Edit, ...]:
    """Add a keyword argument at the end of a call, in the layout of the call.

    :param place: the call.
    :param text: the argument, such as ``deferrable=True``.
    :returns: the edits; none when the call is written in a way that cannot be edited surely.
    """
    file = place.file
    call = file.counterpart(place.node)
    if not isinstance(call, ast.Call):
        return ()
    span = file.span(place.node)
    close = file.source.offset(span.end_line, span.end_column) - 1
    if close < 0 or file.source.text[close] != ")":
        return ()
    arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    parts = sorted(arguments, key=lambda part: (part.lineno, part.col_offset))
    if not parts:
        return (Edit(close, close, text),)
    tail = _read_tail(file.source, parts[-1], close)
    return _insert(file.source, parts[-1], tail, text) if tail is not None else ()


@dataclass(frozen=True, slots=True)
class _Tail:
    """What stands between the last argument of a call and its closing bracket.

    :param end: offset after the last argument, its own brackets included.
    :param comma: offset of the trailing comma; ``None`` when there is none.
    :param closing_line: offset at which the line of the closing bracket starts; ``None`` when that is
        the line of the last argument.
    """

    end: int
    comma: int | None
    closing_line: int | None


def _read_tail(source: SourceFile, last: ast.expr | ast.keyword, close: int) -> _Tail | None:
    end_line = last.end_lineno or last.lineno
    start = source.offset(end_line, source.column_of_byte(end_line, last.end_col_offset or 0))
    tail = _Tail(start, None, None)
    offset = start
    while offset < close:
        character = source.text[offset]
        if character == "#":
            offset = source.line_starts[source.position(offset)[0]]
            continue
        if character == ")" and tail.comma is None:
            tail = replace(tail, end=offset + 1)
        elif character == "," and tail.comma is None:
            tail = replace(tail, comma=offset)
        elif character not in " \t\f\\\r\n":
            return None
        offset += 1
    closing = source.position(close)[0]
    if closing > source.position(tail.end)[0]:
        tail = replace(tail, closing_line=source.line_starts[closing - 1])
    return tail


def _insert(source: SourceFile, last: ast.expr | ast.keyword, tail: _Tail, text: str) -> tuple[Edit, ...]:
    indent = source.line_text(last.lineno)[: source.column_of_byte(last.lineno, last.col_offset) - 1]
    if tail.closing_line is not None and not indent.strip():
        newline = source.newline_at(last.lineno)
        at = tail.closing_line
        if tail.comma is not None:
            return (Edit(at, at, f"{indent}{text},{newline}"),)
        return (Edit(tail.end, tail.end, ","), Edit(at, at, f"{indent}{text}{newline}"))
    if tail.comma is not None:
        return (Edit(tail.comma + 1, tail.comma + 1, f" {text},"),)
    return (Edit(tail.end, tail.end, f", {text}"),)


def replace_text(place: Place, new: str) -> tuple[Edit, ...]:
    """Replace what a plain string literal says, keeping its prefix and quotes.

    :returns: the edit; none when the place is no plain literal.
    """
    import libcst as cst

    node, file = place.node, place.file
    if not isinstance(node, cst.SimpleString) or not file.has_position(node) or not new.isprintable():
        return ()
    if any(character in new for character in "\\\"'\n"):
        return ()
    span = file.span(node)
    start = file.source.offset(span.line, span.column)
    end = file.source.offset(span.end_line, span.end_column)
    if file.source.text[start:end] != node.value:
        return ()
    return (Edit(start, end, f"{node.prefix}{node.quote}{new}{node.quote}"),)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Apply edits that do not overlap."""
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        pieces.append(text[position : edit.start])
        pieces.append(edit.text)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)
