"""Comments that suppress findings.

``# airbrick: ignore[DBX101] reason`` at the first, the reported or the last line of a statement, or on a
line of its own before it; ``# airbrick: file-ignore[DBX101]`` anywhere; ``# noqa: DBX101``. Neither a bare
``# noqa`` nor a bare ``# airbrick: ignore`` suppresses anything.
"""

import ast
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from airbrick.lint.finding import Edit, Finding
from airbrick.lint.literals import string_literals
from airbrick.lint.registry import find_rule
from airbrick.lint.source import SourceFile, Span

_OWN: Final = re.compile(r"airbrick:\s*(?P<kind>file-ignore|ignore)(?P<brackets>\[(?P<codes>[^\]]*)\])?")
_NOQA: Final = re.compile(r"noqa:\s*(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)", re.IGNORECASE)
_HINT: Final = re.compile(r"airbrick:|noqa:", re.IGNORECASE)
_SEPARATOR: Final = re.compile(r"[\s,]+")


@dataclass(slots=True)
class Suppression:
    """One comment directive.

    :param codes: what it names, as written.
    :param whole_file: whether it holds for the file.
    :param own_line: whether nothing but the comment stands on its line.
    :param comment: the text of the whole comment.
    :param span: the comment.
    :param used: the codes that suppressed something.
    """

    codes: tuple[str, ...]
    whole_file: bool
    own_line: bool
    own_syntax: bool
    comment: str
    span: Span
    used: set[str] = field(default_factory=set)

    def names(self, code: str, name: str) -> str | None:
        """Give the selector that names a rule, if one does."""
        for given in self.codes:
            if given.upper() == code or given.lower() == name:
                return given
        return None


@dataclass(frozen=True, slots=True)
class Suppressions:
    """The suppressions of a file.

    :param statements: first and last line of every statement, of a compound one its header.
    """

    comments: tuple[Suppression, ...]
    statements: tuple[tuple[int, int], ...]

    def suppress(self, finding: Finding) -> bool:
        """Tell whether a finding is suppressed, and remember by which comment."""
        hit = False
        for comment in self.comments:
            given = comment.names(finding.code, finding.name)
            if given is not None and (comment.whole_file or self._reaches(comment, finding.span.line)):
                comment.used.add(given)
                hit = True
        return hit

    def _reaches(self, comment: Suppression, line: int) -> bool:
        first, last = self._statement_of(line)
        at = comment.span.line
        if not comment.own_line:
            return at in {first, line, last}
        inside = self._statement_of(at)
        if inside[0] < at <= inside[1]:
            # Within a statement it speaks for the line below it.
            return line == at + 1
        following = min((start for start, _ in self.statements if start > at), default=0)
        return first == following

    def _statement_of(self, line: int) -> tuple[int, int]:
        around = [pair for pair in self.statements if pair[0] <= line <= pair[1]]
        return min(around, key=lambda pair: pair[1] - pair[0], default=(line, line))


def read(source: SourceFile, tree: ast.Module | None) -> Suppressions:
    """Read the suppressions of a file; of one that does not parse, those for the whole file."""
    lowered = source.text.lower()
    if "airbrick:" not in lowered and "noqa:" not in lowered:
        return Suppressions((), ())
    comments = tuple(found for span in _comments(source, tree) for found in _directives(span, source))
    if not comments:
        return Suppressions((), ())
    return Suppressions(comments, tuple(_statements(tree, source)) if tree is not None else ())


def _comments(source: SourceFile, tree: ast.Module | None) -> Iterator[Span]:
    """Give the comments that may hold a directive."""
    lines = dict.fromkeys(source.position(match.start())[0] for match in _HINT.finditer(source.text))
    taken = _string_ranges(source, tree) if tree is not None else []
    for line in lines:
        text = source.line_text(line)
        start = source.line_starts[line - 1]
        columns = (match.start() for match in re.finditer("#", text))
        column = next((c for c in columns if not _is_within(start + c, taken)), None)
        # Without a tree strings cannot be told apart, so only a line of its own counts.
        if column is not None and (tree is not None or not text[:column].strip()):
            yield Span(line, column + 1, line, len(text) + 1)


def _string_ranges(source: SourceFile, tree: ast.Module) -> list[tuple[int, int]]:
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


def _is_within(offset: int, ranges: list[tuple[int, int]]) -> bool:
    index = bisect_right(ranges, offset, key=lambda pair: pair[0])
    return index > 0 and offset < ranges[index - 1][1]


def _directives(span: Span, source: SourceFile) -> Iterator[Suppression]:
    line = source.line_text(span.line)
    comment = line[span.column - 1 :]
    own_line = not line[: span.column - 1].strip()
    for match in _OWN.finditer(comment):
        codes = tuple(part for part in _SEPARATOR.split(match["codes"] or "") if part)
        whole = match["kind"] == "file-ignore"
        yield Suppression(codes, whole, own_line, own_syntax=True, comment=comment, span=span)
    for match in _NOQA.finditer(comment):
        codes = tuple(part for part in _SEPARATOR.split(match["codes"]) if part.upper().startswith("DBX"))
        if codes:
            yield Suppression(codes, False, False, own_syntax=False, comment=comment, span=span)  # noqa: FBT003 - two flags of one line


def _statements(tree: ast.Module, source: SourceFile) -> Iterator[tuple[int, int]]:
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.stmt):
            yield _lines(node, source)
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            value = getattr(node, name, None)
            if isinstance(value, list):
                stack.extend(value)


def _first_line(node: ast.AST) -> int:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([getattr(node, "lineno", 1), *(decorator.lineno for decorator in decorators)])


def _lines(node: ast.stmt, source: SourceFile) -> tuple[int, int]:
    first = _first_line(node)
    inner = getattr(node, "body", None) or getattr(node, "cases", None)
    if not isinstance(inner, list):
        return first, node.end_lineno or first
    # The header ends before the body; blank lines and comments between them belong to the body.
    last = _first_line(inner[0]) - 1
    while last > node.lineno and _is_idle_line(source, last):
        last -= 1
    return first, max(node.lineno, last)


def _is_idle_line(source: SourceFile, line: int) -> bool:
    text = source.line_text(line).strip()
    return not text or text.startswith("#")


@dataclass(frozen=True, slots=True)
class Unused:
    """A directive, or a part of one, that suppressed nothing.

    :param edits: what takes it away.
    """

    message: str
    span: Span
    edits: tuple[Edit, ...]


def unused(suppressions: Suppressions, source: SourceFile, active: frozenset[str]) -> Iterator[Unused]:
    """Give the comments that suppressed nothing.

    :param active: codes of the rules that ran; a comment for another one is left alone.
    """
    for comment in suppressions.comments:
        if not comment.codes and comment.own_syntax:
            yield Unused("this comment names no rule, so it suppresses nothing: write ignore[CODE]", comment.span, ())
            continue
        idle = [given for given in comment.codes if given not in comment.used and _is_idle(given, active)]
        if idle:
            unknown = [given for given in idle if find_rule(given) is None]
            reason = f"{unknown[0]} is no rule" if unknown else f"{', '.join(idle)} suppresses nothing here"
            yield Unused(reason, comment.span, _removal(comment, idle, source))


def _is_idle(given: str, active: frozenset[str]) -> bool:
    rule = find_rule(given)
    return rule is None or rule.code in active


def _removal(comment: Suppression, idle: list[str], source: SourceFile) -> tuple[Edit, ...]:
    pattern = _OWN if comment.own_syntax else _NOQA
    text = comment.comment
    match = pattern.search(text)
    if match is None or text[: match.start()].strip("# \t") or "#" in text[1:]:
        return ()
    named = [part for part in _SEPARATOR.split(match["codes"] or "") if part]
    if len(idle) != len(named) or (not comment.own_syntax and text[match.end() :].strip()):
        # Something else is said as well.
        return ()
    start = source.offset(comment.span.line, comment.span.column)
    end = start + len(text)
    if comment.own_line:
        start = source.line_starts[comment.span.line - 1]
        following = source.line_starts[comment.span.line :]
        return (Edit(start, following[0] if following else end, ""),)
    while start > 0 and source.text[start - 1] in " \t":
        start -= 1
    return (Edit(start, end, ""),)
