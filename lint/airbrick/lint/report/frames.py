"""Code frames: the lines around a finding, with the place marked."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from airbrick.lint.report.colours import DEFAULT_WIDTH, Palette
from airbrick.lint.report.masking import masked
from airbrick.lint.source import SourceFile, Span

_CONTEXT: Final = 1


def frame(
    source: SourceFile,
    span: Span,
    palette: Palette,
    *,
    context: int = _CONTEXT,
    width: int = DEFAULT_WIDTH,
    secret: frozenset[int] = frozenset(),
) -> Iterator[str]:
    """Draw the lines of a span, without the secrets in them.

    :param context: lines shown before and after the marked one.
    :param width: columns that no line goes beyond.
    :param secret: lines of which no literal is shown.
    """
    source = masked(source, secret)
    last = min(span.line + context, len(source.line_starts))
    gutter = len(str(last))
    for number in range(max(1, span.line - context), last + 1):
        text = source.line_text(number)
        if number != span.line and not text.strip():
            continue
        shown, start = _window(text, span.column - 1 if number == span.line else 0, width - gutter - 5)
        yield f" {palette.dim(f'{number:>{gutter}} |')} {shown}".rstrip()
        if number == span.line:
            yield f" {palette.dim(' ' * gutter + ' |')} {_marker(text, span, start, width - gutter - 5, palette)}"


def _window(text: str, column: int, room: int) -> tuple[str, int]:
    """Cut a long line so that the column stays in sight."""
    start = 0
    if width_of(_visible(text)) > room and width_of(_visible(text[:column])) > room * 2 // 3:
        start, left = column, room // 3
        while (left := left - width_of(_visible(text[start - 1]))) >= 0:
            start -= 1
    shown = _visible(text[start:])
    if start:
        shown = "…".ljust(width_of(_visible(text[start]))) + _visible(text[start + 1 :])
    return _fit(shown, room), start


def _visible(text: str) -> str:
    """Show tabs as spaces and keep control characters from reaching the terminal."""
    return "".join("    " if c == "\t" else c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _fit(text: str, room: int) -> str:
    used = 0
    for index, character in enumerate(text):
        used += width_of(character)
        if used > room:
            return f"{text[: max(index - 1, 0)]}…"
    return text


def width_of(text: str) -> int:
    """Count the columns a text takes at a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _marker(text: str, span: Span, start: int, room: int, palette: Palette) -> str:
    before = width_of(_visible(text[start : span.column - 1]))
    end = span.end_column - 1 if span.end_line == span.line else len(text)
    length = max(width_of(_visible(text[span.column - 1 : end])), 1)
    return " " * before + palette.mark("^" * max(min(length, room - before), 1))
