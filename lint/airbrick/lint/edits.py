"""Edits of source text that leave every other byte as it is."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from airbrick.lint.facts.values import Place
from airbrick.lint.finding import Edit
from airbrick.lint.source import SourceFile

if TYPE_CHECKING:
    from airbrick.lint.parsed import ParsedFile

_Node: TypeAlias = ast.expr | ast.keyword


def add_argument(place: Place, text: str) -> tuple[Edit, ...]:
    """Add a keyword argument at the end of a call, in the layout of the call.

    :param place: the call.
    :param text: the argument, such as ``deferrable=True``.
    :returns: the edits; none when the call is written in a way that cannot be edited surely, or callers in other
        files may pass the argument through a splat, so that it would be given twice.
    """
    call = place.file.counterpart(place.node)
    if not isinstance(call, ast.Call) or _passes_on(place.file, call):
        return ()
    arguments: list[_Node] = [*call.args, *call.keywords]
    return _append(place, [(part, part) for part in arguments], ")", text)


def _passes_on(file: "ParsedFile", call: ast.Call) -> bool:
    """Tell whether a call splats what callers of a function around it hand over."""
    from airbrick.lint.varying import comes_from_callers

    splats = [argument for argument in call.args if isinstance(argument, ast.Starred)]
    mappings = [keyword.value for keyword in call.keywords if keyword.arg is None]
    return any(comes_from_callers(file, splat) for splat in (*splats, *mappings))


def add_entry(place: Place, key: str, value: str) -> tuple[Edit, ...]:
    """Add an entry at the end of a dict display or of a call of ``dict``.

    :param place: the display or the call.
    :param value: the value, as code.
    :returns: the edits; none when the dict is written in another way.
    """
    node = place.file.counterpart(place.node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        return add_argument(place, f"{key}={value}")
    if not isinstance(node, ast.Dict):
        return ()
    entries: list[tuple[_Node, _Node]] = [
        (name if name is not None else inner, inner) for name, inner in zip(node.keys, node.values, strict=True)
    ]
    return _append(place, entries, "}", f'"{key}": {value}')


def _append(place: Place, parts: list[tuple[_Node, _Node]], bracket: str, text: str) -> tuple[Edit, ...]:
    """Add a part before a closing bracket.

    :param parts: first and last node of each part that is there.
    """
    file = place.file
    span = file.span(place.node)
    close = file.source.offset(span.end_line, span.end_column) - 1
    if close < 0 or file.source.text[close] != bracket:
        return ()
    if not parts:
        return (Edit(close, close, text),)
    first, last = max(parts, key=lambda part: (part[0].lineno, part[0].col_offset))
    tail = _read_tail(file.source, last, close)
    return _insert(file.source, first, tail, text) if tail is not None else ()


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


def _read_tail(source: SourceFile, last: _Node, close: int) -> _Tail | None:
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


def _insert(source: SourceFile, first: _Node, tail: _Tail, text: str) -> tuple[Edit, ...]:
    indent = source.line_text(first.lineno)[: source.column_of_byte(first.lineno, first.col_offset) - 1]
    # A comma on the closing bracket's own line would end up after the new part.
    beside = tail.closing_line is not None and tail.comma is not None and tail.comma >= tail.closing_line
    if tail.closing_line is not None and not beside and not indent.strip():
        newline = source.newline_at(first.lineno)
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
