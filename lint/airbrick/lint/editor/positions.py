"""Between the linter's places and those of the protocol: lines from 0, columns in the client's units."""

from collections.abc import Callable, Mapping
from typing import Final

from lsprotocol import types

from airbrick.lint.finding import Edit
from airbrick.lint.source import SourceFile, Span

_UNITS: Final[Mapping[types.PositionEncodingKind, Callable[[str], int]]] = {
    types.PositionEncodingKind.Utf8: lambda text: len(text.encode("utf-8", "surrogatepass")),
    types.PositionEncodingKind.Utf16: lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    types.PositionEncodingKind.Utf32: len,
}


class Positions:
    """The places of one text.

    :param encoding: the units of columns, as agreed with the client.
    """

    def __init__(self, source: SourceFile, encoding: types.PositionEncodingKind) -> None:
        self.source = source
        self._count = _UNITS[encoding]

    def position(self, line: int, column: int) -> types.Position:
        """Give the position of a line and a column, both from 1."""
        before = self.source.line_text(line)[: column - 1]
        return types.Position(line - 1, self._count(before))

    def range(self, span: Span) -> types.Range:
        """Give the range of a span."""
        return types.Range(self.position(span.line, span.column), self.position(span.end_line, span.end_column))

    def between(self, start: int, end: int) -> types.Range:
        """Give the range between two offsets."""
        return types.Range(self.position(*self.source.position(start)), self.position(*self.source.position(end)))

    def edit(self, edit: Edit) -> types.TextEdit:
        """Give an edit."""
        return types.TextEdit(self.between(edit.start, edit.end), edit.text)

    def whole(self) -> types.Range:
        """Give the range of the whole text."""
        return self.between(0, len(self.source.text))

    def offset(self, position: types.Position) -> int:
        """Give the offset of a position; one that lies beyond its line is its end."""
        line = min(position.line + 1, len(self.source.line_starts))
        text = self.source.line_text(line)
        used = 0
        for index, character in enumerate(text):
            if used >= position.character:
                return self.source.line_starts[line - 1] + index
            used += self._count(character)
        return self.source.line_starts[line - 1] + len(text)
