"""What comments say to the linter.

``# airbrick: ignore[DBX101] reason`` at the first, the reported or the last line of a statement, or on a
line of its own before it; ``# airbrick: file-ignore[DBX101]`` anywhere; ``# airbrick: disable[DBX101]`` up to
``# airbrick: enable[DBX101]`` or the end of the file; ``# noqa: DBX101``. Neither a bare ``# noqa`` nor a bare
``# airbrick: ignore`` suppresses anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from airbrick.lint.finding import Edit
from airbrick.lint.registry import find_rule
from airbrick.lint.source import SourceFile, Span

OWN: Final = re.compile(r"airbrick:\s*(?P<kind>file-ignore|ignore|disable|enable)(?P<brackets>\[(?P<codes>[^\]]*)\])?")
_NOQA: Final = re.compile(r"noqa:\s*(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)", re.IGNORECASE)
_SEPARATOR: Final = re.compile(r"[\s,]+")
_WORD: Final = re.compile(r"\w{2}")


class Kind(StrEnum):
    """How far a directive reaches."""

    IGNORE = "ignore"
    FILE = "file-ignore"
    DISABLE = "disable"
    ENABLE = "enable"


@dataclass(slots=True)
class Suppression:
    """One comment directive.

    :param codes: what it names, as written.
    :param own_line: whether nothing but the comment stands on its line.
    :param own_syntax: whether it is airbrick's own comment rather than ``noqa``.
    :param comment: the text of the whole comment.
    :param span: the comment.
    :param reason: what is written after it.
    :param ends: for ``disable``, the lines of the ``enable`` comments by what they name.
    :param used: the codes that suppressed something, or that ended something.
    """

    codes: tuple[str, ...]
    kind: Kind
    own_line: bool
    own_syntax: bool
    comment: str
    span: Span
    reason: str = ""
    ends: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def names(self, code: str, name: str) -> str | None:
        """Give the selector that names a rule, if one does."""
        for given in self.codes:
            if given.upper() == code or given.lower() == name:
                return given
        return None

    @property
    def has_reason(self) -> bool:
        """Whether a word follows it."""
        return _WORD.search(self.reason) is not None


def directives_of(span: Span, source: SourceFile) -> Iterator[Suppression]:
    """Read the directives of a comment."""
    line = source.line_text(span.line)
    comment = line[span.column - 1 :]
    own_line = not line[: span.column - 1].strip()
    for match in OWN.finditer(comment):
        codes = tuple(part for part in _SEPARATOR.split(match["codes"] or "") if part)
        reason = comment[match.end() :]
        yield Suppression(
            codes, Kind(match["kind"]), own_line, own_syntax=True, comment=comment, span=span, reason=reason
        )
    for match in _NOQA.finditer(comment):
        codes = tuple(part for part in _SEPARATOR.split(match["codes"]) if _is_ours(part))
        if codes:
            reason = comment[match.end() :]
            yield Suppression(
                codes, Kind.IGNORE, own_line=False, own_syntax=False, comment=comment, span=span, reason=reason
            )


def _is_ours(code: str) -> bool:
    return code.upper().startswith("DBX") or find_rule(code) is not None


def removal(comment: Suppression, idle: list[str], source: SourceFile) -> tuple[Edit, ...]:
    """Give the edits that take a directive away; none when something else is said as well."""
    pattern = OWN if comment.own_syntax else _NOQA
    text = comment.comment
    match = pattern.search(text)
    if match is None or text[: match.start()].strip("# \t") or "#" in text[1:]:
        return ()
    named = [part for part in _SEPARATOR.split(match["codes"] or "") if part]
    if len(idle) != len(named) or (not comment.own_syntax and text[match.end() :].strip()):
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
