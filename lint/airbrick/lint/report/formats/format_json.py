"""``json``: a list of objects, with all there is to tell."""

import json
from typing import Any

from airbrick.lint.finding import Edit, Finding, Note
from airbrick.lint.report.masking import secret_lines, shown_fix
from airbrick.lint.report.report import Report
from airbrick.lint.source import SourceFile, Span

JsonObject = dict[str, Any]


def write(report: Report) -> str:
    """Write a list of objects, each on a line of its own; columns are characters from 1, the end is exclusive."""
    # With an indent, json is written in Python and takes longer than the linting did.
    lines = ",".join(f"\n  {json.dumps(document, ensure_ascii=False)}" for document in documents(report))
    return f"[{lines}\n]\n" if lines else "[]\n"


def documents(report: Report) -> list[JsonObject]:
    """Give an object for each finding."""
    secret = secret_lines(report.findings)
    return [
        _finding(finding, report.sources.get(finding.path), secret.get(finding.path, frozenset()))
        for finding in report.findings
    ]


def _span(span: Span | None) -> JsonObject | None:
    if span is None:
        return None
    return {
        "start": {"line": span.line, "column": span.column},
        "end": {"line": span.end_line, "column": span.end_column},
    }


def _note(note: Note) -> JsonObject:
    return {"message": note.message, "path": str(note.path), "range": _span(note.span)}


def _edit(edit: Edit, source: SourceFile) -> JsonObject:
    line, column = source.position(edit.start)
    end_line, end_column = source.position(edit.end)
    return {"range": _span(Span(line, column, end_line, end_column)), "text": edit.text}


def _finding(finding: Finding, source: SourceFile | None, secret: frozenset[int]) -> JsonObject:
    fix: JsonObject | None = None
    shown = shown_fix(finding, source, secret)
    if shown is not None and source is not None:
        fix = {
            "description": shown.description,
            "safety": shown.safety.value,
            "edits": [_edit(edit, source) for edit in shown.edits],
        }
    document: JsonObject = {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "path": str(finding.path),
        "range": _span(finding.span),
        "message": finding.message,
        "help": finding.help,
        "notes": [_note(note) for note in finding.notes],
        "stacks": list(finding.stacks),
        "dag_id": finding.dag_id,
        "task_id": finding.task_id,
        "fingerprint": finding.fingerprint,
        "fix": fix,
    }
    if finding.detail:
        document["detail"] = finding.detail
    return document
