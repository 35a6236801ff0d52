"""Findings as diagnostics, and fixes as quick fixes."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lsprotocol import types

from airbrick.lint.editor.documents import Checked
from airbrick.lint.editor.positions import Positions
from airbrick.lint.finding import Finding, Note, Safety, Severity
from airbrick.lint.fixing import fix
from airbrick.lint.source import Span
from airbrick.lint.suppression.adding import add_ignores

SOURCE: Final = "airbrick"
_CODE: Final = re.compile(r"\b[A-Z]{2,10}\d{3}\b")
FIX_ALL: Final = "source.fixAll.airbrick"
_SEVERITIES: Final[Mapping[Severity, types.DiagnosticSeverity]] = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
_NOWHERE: Final = types.Range(types.Position(0, 0), types.Position(0, 0))


def diagnostics_of(checked: Checked, positions: Positions) -> list[types.Diagnostic]:
    """Give the findings of a document."""
    return [_diagnostic(finding, positions) for finding in checked.result.findings]


def _diagnostic(finding: Finding, positions: Positions) -> types.Diagnostic:
    help_ = f"\n{finding.help}" if finding.help else ""
    return types.Diagnostic(
        range=positions.range(finding.span),
        message=f"{finding.message}{help_}",
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if finding.code == "DBX902" else None,
        related_information=[_related(note, positions) for note in finding.notes] or None,
    )


def _related(note: Note, positions: Positions) -> types.DiagnosticRelatedInformation:
    path = note.path.absolute()
    if note.span is None:
        place = _NOWHERE
    elif path == positions.source.path:
        place = positions.range(note.span)
    else:
        place = _lines(note.span)
    return types.DiagnosticRelatedInformation(types.Location(path.as_uri(), place), note.message)


def _lines(span: Span) -> types.Range:
    """Give the range in a file whose text is not at hand; its lines are what counts."""
    return types.Range(
        types.Position(span.line - 1, span.column - 1), types.Position(span.end_line - 1, span.end_column - 1)
    )


def actions_of(
    checked: Checked, positions: Positions, where: types.Range, uri: str, only: tuple[str, ...]
) -> Iterator[types.CodeAction]:
    """Give what can be done about the findings in a range, and about the document.

    :param only: kinds that are asked for; empty for all.
    """
    if _wanted(types.CodeActionKind.QuickFix.value, only):
        for finding in checked.result.findings:
            if _meet(positions.range(finding.span), where):
                yield from _for_finding(finding, checked, positions, uri)
    # An editor that saves asks for it by name; in the menu of a place it would be in the way.
    if only and _wanted(FIX_ALL, only):
        done = fix(checked.linter, checked.result, checked.settings, unsafe=False, known=checked.known)
        if done is not None and done.changed:
            edit = types.TextEdit(positions.whole(), done.after)
            yield types.CodeAction("airbrick: apply all safe fixes", kind=FIX_ALL, edit=_edit(uri, [edit]))


def _wanted(kind: str, only: tuple[str, ...]) -> bool:
    return not only or any(kind == asked or kind.startswith(f"{asked}.") for asked in only)


def _meet(one: types.Range, other: types.Range) -> bool:
    return _key(one.start) <= _key(other.end) and _key(other.start) <= _key(one.end)


def _key(position: types.Position) -> tuple[int, int]:
    return position.line, position.character


def _for_finding(finding: Finding, checked: Checked, positions: Positions, uri: str) -> Iterator[types.CodeAction]:
    told = [_diagnostic(finding, positions)]
    if finding.fix is not None:
        safe = finding.fix.safety is Safety.SAFE
        yield types.CodeAction(
            f"{finding.fix.description}{'' if safe else ' (unsafe)'}",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=told,
            is_preferred=safe or None,
            edit=_edit(uri, [positions.edit(edit) for edit in finding.fix.edits]),
        )
    after = add_ignores(checked.source, [finding], "")
    if after != checked.source.text:
        edit = types.TextEdit(positions.whole(), after)
        title = f"Suppress {finding.code} {finding.name} here"
        yield types.CodeAction(title, kind=types.CodeActionKind.QuickFix, diagnostics=told, edit=_edit(uri, [edit]))


def _edit(uri: str, edits: list[types.TextEdit]) -> types.WorkspaceEdit:
    return types.WorkspaceEdit(changes={uri: edits})


def finding_at(checked: Checked, offset: int) -> Finding | None:
    """Give the finding whose marked code an offset lies in."""
    for finding in checked.result.findings:
        span = finding.span
        start = checked.source.offset(span.line, span.column)
        if start <= offset <= checked.source.offset(span.end_line, span.end_column):
            return finding
    return None


def named_rule(line: str, column: int) -> str | None:
    """Give the rule's code that stands at a column, from 0, as in a suppression comment."""
    for match in _CODE.finditer(line):
        if match.start() <= column <= match.end():
            return match.group()
    return None
