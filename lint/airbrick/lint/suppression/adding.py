"""``--add-ignore``: comments that suppress what is found today."""

import ast
from collections.abc import Iterable, Iterator
from typing import Final

from airbrick.lint import gate
from airbrick.lint.edits import apply
from airbrick.lint.finding import Edit, Finding
from airbrick.lint.source import SourceFile
from airbrick.lint.suppression.comments import is_within, string_ranges
from airbrick.lint.suppression.directives import OWN, Kind
from airbrick.lint.suppression.statements import statements_of

_ENGINE: Final = "DBX9"


def add_ignores(source: SourceFile, findings: Iterable[Finding], reason: str) -> str:
    """Give the text with a comment at each finding, or as it was when it cannot be parsed.

    A finding on a line that can hold no comment is told at the end of its statement.

    :param reason: what to write after the brackets; may be empty.
    """
    tree = gate.parse(source)
    if isinstance(tree, gate.Refusal):
        return source.text
    lines = _Lines(source, tree)
    wanted: dict[int, list[str]] = {}
    for finding in findings:
        line = lines.for_comment(finding.span.line)
        if line is not None and not finding.code.startswith(_ENGINE):
            codes = wanted.setdefault(line, [])
            if finding.code not in codes:
                codes.append(finding.code)
    return apply(source.text, [lines.edit(line, codes, reason) for line, codes in wanted.items()])


class _Lines:
    """Where comments can stand."""

    def __init__(self, source: SourceFile, tree: ast.Module) -> None:
        self._source = source
        self._strings = string_ranges(source, tree)
        self._statements = tuple(statements_of(tree, source))

    def for_comment(self, line: int) -> int | None:
        """Give the line whose comment reaches a line."""
        around = [pair for pair in self._statements if pair[0] <= line <= pair[1]]
        first, last = min(around, key=lambda pair: pair[1] - pair[0], default=(line, line))
        return next((candidate for candidate in (line, last, first) if self._takes_comment(candidate)), None)

    def edit(self, line: int, codes: list[str], reason: str) -> Edit:
        """Add codes to the line's comment, or give it one."""
        text = self._source.line_text(line)
        start = self._source.line_starts[line - 1]
        column = self._comment_column(line)
        match = OWN.search(text, column) if column is not None else None
        if match is not None and match["codes"] and match["kind"] == Kind.IGNORE:
            at = start + match.end("codes")
            return Edit(at, at, "".join(f", {code}" for code in codes))
        end = start + len(text)
        trimmed = start + len(text.rstrip())
        told = f" {reason}" if reason else ""
        return Edit(trimmed, end, f"  # airbrick: ignore[{', '.join(codes)}]{told}")

    def _takes_comment(self, line: int) -> bool:
        text = self._source.line_text(line)
        end = self._source.line_starts[line - 1] + len(text)
        if is_within(end, self._strings):
            return False
        return not text.endswith("\\") or self._comment_column(line) is not None

    def _comment_column(self, line: int) -> int | None:
        text, start = self._source.line_text(line), self._source.line_starts[line - 1]
        return next((at for at in _hashes(text) if not is_within(start + at, self._strings)), None)


def _hashes(text: str) -> Iterator[int]:
    return (at for at, character in enumerate(text) if character == "#")
