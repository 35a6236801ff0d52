"""What is reported about suppression comments themselves."""

from collections.abc import Iterator
from dataclasses import replace

from airbrick.lint.crash import engine_finding
from airbrick.lint.finding import Finding, Fix, Safety
from airbrick.lint.source import SourceFile
from airbrick.lint.suppression.suppressions import Suppressions, unused, without_reason


def unused_comments(comments: Suppressions, source: SourceFile, ran: frozenset[str]) -> Iterator[Finding]:
    """Report comments that suppress nothing.

    :param ran: codes of the rules that could speak.
    """
    for idle in unused(comments, source, ran):
        fix = Fix("Remove the comment", Safety.SAFE, idle.edits) if idle.edits else None
        finding = engine_finding("DBX902", source.path, idle.span, idle.message)
        yield replace(finding, help="remove it" if fix else "", fix=fix)


def comments_without_reason(comments: Suppressions, source: SourceFile) -> Iterator[Finding]:
    """Report comments that suppress something and do not say why."""
    for comment in without_reason(comments):
        message = f"{', '.join(sorted(comment.used))} is suppressed without a reason"
        finding = engine_finding("DBX904", source.path, comment.span, message)
        yield replace(finding, help="write the reason after the brackets" if comment.own_syntax else "write a reason")
