"""Which findings the comments of a file suppress."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from airbrick.lint.finding import Edit, Finding
from airbrick.lint.registry import find_rule
from airbrick.lint.source import SourceFile, Span
from airbrick.lint.suppression.comments import comments_of
from airbrick.lint.suppression.directives import Kind, Suppression, directives_of, removal
from airbrick.lint.suppression.statements import statements_of


@dataclass(frozen=True, slots=True)
class Suppressions:
    """The suppressions of a file.

    :param statements: first and last line of every statement, of a compound one its header.
    """

    comments: tuple[Suppression, ...] = ()
    statements: tuple[tuple[int, int], ...] = ()

    def suppress(self, finding: Finding) -> bool:
        """Tell whether a finding is suppressed, and remember by which comment."""
        hit = False
        for comment in self.comments:
            given = comment.names(finding.code, finding.name)
            if given is not None and self._reaches(comment, given, finding.span.line):
                comment.used.add(given)
                hit = True
        return hit

    def _reaches(self, comment: Suppression, given: str, line: int) -> bool:
        at = comment.span.line
        if comment.kind is Kind.FILE:
            return True
        if comment.kind is Kind.ENABLE:
            return False
        if comment.kind is Kind.DISABLE:
            return at <= line <= comment.ends.get(given, line)
        first, last = self._statement_of(line)
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
        return Suppressions()
    comments = tuple(found for span in comments_of(source, tree) for found in directives_of(span, source))
    if not comments:
        return Suppressions()
    _end_ranges(comments)
    return Suppressions(comments, tuple(statements_of(tree, source)) if tree is not None else ())


def _end_ranges(comments: tuple[Suppression, ...]) -> None:
    """Let every ``enable`` end the ``disable`` comments before it that name the same."""
    open_: dict[str, list[Suppression]] = {}
    for comment in comments:
        for given in comment.codes:
            rule = find_rule(given)
            code = rule.code if rule else given
            if comment.kind is Kind.DISABLE:
                open_.setdefault(code, []).append(comment)
            elif comment.kind is Kind.ENABLE:
                for opened in open_.pop(code, []):
                    comment.used.add(given)
                    opened.ends.update({name: comment.span.line for name in opened.codes if _same(name, code)})


def _same(given: str, code: str) -> bool:
    rule = find_rule(given)
    return (rule.code if rule else given) == code


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
            message = f"this comment names no rule, so it suppresses nothing: write {comment.kind.value}[CODE]"
            yield Unused(message, comment.span, ())
            continue
        idle = [given for given in comment.codes if given not in comment.used and _is_idle(given, comment, active)]
        if idle:
            yield Unused(_message(comment, idle), comment.span, removal(comment, idle, source))


def _is_idle(given: str, comment: Suppression, active: frozenset[str]) -> bool:
    rule = find_rule(given)
    return rule is None or comment.kind is Kind.ENABLE or rule.code in active


def _message(comment: Suppression, idle: list[str]) -> str:
    unknown = [given for given in idle if find_rule(given) is None]
    if unknown:
        return f"{unknown[0]} is no rule"
    if comment.kind is Kind.ENABLE:
        return f"{', '.join(idle)} is not disabled here"
    return f"{', '.join(idle)} suppresses nothing here"


def without_reason(suppressions: Suppressions) -> Iterator[Suppression]:
    """Give the comments that suppressed something and do not say why."""
    for comment in suppressions.comments:
        if comment.used and comment.kind is not Kind.ENABLE and not comment.has_reason:
            yield comment
