"""A finding as an object of JSON, with all there is to tell: in reports, and in the cache."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from airbrick.lint.finding import Edit, Finding, Fix, Note, Safety, Severity
from airbrick.lint.report.masking import shown_fix
from airbrick.lint.source import SourceFile, Span

JsonObject = dict[str, Any]

to_text: Final = json.JSONEncoder(ensure_ascii=False).encode
"""Write an object on one line."""


def document(finding: Finding, source: SourceFile | None, hidden: frozenset[int] = frozenset()) -> JsonObject:
    """Write a finding; columns are characters from 1, the end is exclusive.

    A fix that repeats a secret is left out.

    :param hidden: lines of which no literal may be told.
    """
    fix: JsonObject | None = None
    shown = shown_fix(finding, source, hidden)
    if shown is not None and source is not None:
        fix = {
            "description": shown.description,
            "safety": shown.safety.value,
            "edits": [_edit(edit, source) for edit in shown.edits],
        }
    written: JsonObject = {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "path": str(finding.path),
        "range": _range(finding.span),
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
        written["detail"] = finding.detail
    return written


def read(written: Mapping[str, Any], path: Path, source: SourceFile | None) -> Finding:
    """Read a finding.

    :param source: the file as it was when the finding was written.
    """
    fix = written["fix"]
    return Finding(
        code=written["code"],
        name=written["name"],
        severity=Severity(written["severity"]),
        path=path,
        span=_span(written["range"]),
        message=written["message"],
        help=written["help"],
        notes=tuple(_read_note(note) for note in written["notes"]),
        fix=_read_fix(fix, source) if fix is not None and source is not None else None,
        stacks=tuple(written["stacks"]),
        dag_id=written["dag_id"],
        task_id=written["task_id"],
        fingerprint=written["fingerprint"],
        detail=written.get("detail", ""),
    )


def _range(span: Span) -> JsonObject:
    return {
        "start": {"line": span.line, "column": span.column},
        "end": {"line": span.end_line, "column": span.end_column},
    }


def _span(written: Mapping[str, Any]) -> Span:
    start, end = written["start"], written["end"]
    return Span(start["line"], start["column"], end["line"], end["column"])


def _note(note: Note) -> JsonObject:
    return {
        "message": note.message,
        "path": str(note.path),
        "range": None if note.span is None else _range(note.span),
    }


def _read_note(written: Mapping[str, Any]) -> Note:
    place = written["range"]
    return Note(written["message"], Path(written["path"]), None if place is None else _span(place))


def _edit(edit: Edit, source: SourceFile) -> JsonObject:
    line, column = source.position(edit.start)
    end_line, end_column = source.position(edit.end)
    return {"range": _range(Span(line, column, end_line, end_column)), "text": edit.text}


def _read_fix(written: Mapping[str, Any], source: SourceFile) -> Fix:
    edits: list[Edit] = []
    for edit in written["edits"]:
        span = _span(edit["range"])
        start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
        edits.append(Edit(start, end, edit["text"]))
    return Fix(written["description"], Safety(written["safety"]), tuple(edits))
