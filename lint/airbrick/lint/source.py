"""The text of a file, and the way between lines, columns and offsets."""

import codecs
import io
import re
import tokenize
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

_NEWLINE: Final = re.compile(r"\r\n|\r|\n")


class DecodeError(Exception):
    """The bytes of a file are not text in the encoding the file declares.

    :param reason: what is wrong.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of text.

    :param line: first line, from 1.
    :param column: first column, from 1, in characters.
    :param end_line: last line.
    :param end_column: the column after the last character.
    """

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class SourceFile:
    """A file's text, exactly as it stands: newlines are not translated.

    :param path: how the file is named in findings.
    :param text: the decoded text, without a byte order mark.
    :param encoding: what the text is written back with.
    :param bom: whether a UTF-8 byte order mark came first.
    """

    path: Path
    text: str
    encoding: str = "utf-8"
    bom: bool = False
    _memo: dict[int, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_bytes(cls, data: bytes, path: Path) -> "SourceFile":
        """Decode a file as Python does: byte order mark, coding cookie, else UTF-8.

        :raises DecodeError: the bytes do not fit the encoding, or Python knows no such encoding.
        """
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        except SyntaxError as error:
            raise DecodeError(str(error.msg)) from error
        bom = data.startswith(codecs.BOM_UTF8)
        name = "utf-8" if encoding == "utf-8-sig" else encoding
        try:
            text = data[len(codecs.BOM_UTF8) if bom else 0 :].decode(name)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise DecodeError(f"line {line} is not {name}: {error.reason}") from error
        return cls(path, text, name, bom)

    def to_bytes(self, text: str, errors: str = "strict") -> bytes:
        """Encode a changed text as the file was encoded.

        :param errors: what becomes of characters that the encoding lacks, as for ``str.encode``.
        """
        return (codecs.BOM_UTF8 if self.bom else b"") + text.encode(self.encoding, errors)

    @cached_property
    def line_starts(self) -> list[int]:
        """Offsets at which the lines start; Python's lines, so form feeds do not end one."""
        return [0, *(match.end() for match in _NEWLINE.finditer(self.text))]

    def line_text(self, line: int) -> str:
        """Give a line without its newline.

        :param line: from 1; a line that does not exist is empty.
        """
        starts = self.line_starts
        if not 1 <= line <= len(starts):
            return ""
        end = starts[line] if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].rstrip("\r\n")

    def offset(self, line: int, column: int) -> int:
        """Give the offset of a line and a column, both from 1."""
        return self.line_starts[line - 1] + column - 1

    def position(self, offset: int) -> tuple[int, int]:
        """Give line and column, both from 1, of an offset."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def column_of_byte(self, line: int, byte_column: int) -> int:
        """Turn a column of ``ast`` (UTF-8 bytes, from 0) into characters, from 1."""
        text = self._memo.get(line)
        if text is None:
            text = self._memo[line] = self.line_text(line)
        if text.isascii():
            return byte_column + 1
        return len(text.encode("utf-8", "surrogatepass")[:byte_column].decode("utf-8", "replace")) + 1

    def newline_at(self, line: int) -> str:
        """Give the newline a line ends with, or the file's first one when it ends with none."""
        starts = self.line_starts
        if line < len(starts):
            before = self.text[max(0, starts[line] - 2) : starts[line]]
            return "\r\n" if before == "\r\n" else before[-1]
        first = _NEWLINE.search(self.text)
        return first.group() if first else "\n"
