"""What was found in a file, as plain data: in the cache, and on its way between processes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airbrick.lint.engine import FileResult
from airbrick.lint.finding import Edit, Finding, Fix, Note, Safety, Severity
from airbrick.lint.source import DecodeError, SourceFile, Span

Record = dict[str, Any]


def to_record(result: FileResult) -> Record:
    """Write a result as data that JSON can hold."""
    return {
        "findings": [_finding(finding) for finding in result.findings],
        "gathered": {code: list(texts) for code, texts in result.gathered.items()},
        "decoded": result.source is not None,
        "refused": result.refused,
    }


def from_record(record: Mapping[str, Any], path: Path, data: bytes) -> FileResult:
    """Read a result.

    :param data: the content of the file, for the code that reports show.
    :raises (KeyError, TypeError, ValueError): the record is of another shape.
    """
    findings = tuple(_read_finding(found, path) for found in record["findings"])
    gathered = {str(code): tuple(map(str, texts)) for code, texts in record["gathered"].items()}
    source: SourceFile | None = None
    if findings and record["decoded"]:
        try:
            source = SourceFile.from_bytes(data, path)
        except DecodeError as error:
            raise ValueError(error.reason) from error
    return FileResult(path, findings, source, gathered, refused=bool(record["refused"]))


def _span(span: Span | None) -> list[int] | None:
    return None if span is None else [span.line, span.column, span.end_line, span.end_column]


def _finding(finding: Finding) -> Record:
    fix = finding.fix
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "span": _span(finding.span),
        "message": finding.message,
        "help": finding.help,
        "notes": [[note.message, str(note.path), _span(note.span)] for note in finding.notes],
        "fix": fix and [fix.description, fix.safety.value, [[edit.start, edit.end, edit.text] for edit in fix.edits]],
        "stacks": list(finding.stacks),
        "dag_id": finding.dag_id,
        "task_id": finding.task_id,
        "fingerprint": finding.fingerprint,
        "detail": finding.detail,
    }


def _read_finding(record: Mapping[str, Any], path: Path) -> Finding:
    fix = record["fix"]
    return Finding(
        code=record["code"],
        name=record["name"],
        severity=Severity(record["severity"]),
        path=path,
        span=Span(*record["span"]),
        message=record["message"],
        help=record["help"],
        notes=tuple(Note(text, Path(where), span and Span(*span)) for text, where, span in record["notes"]),
        fix=fix and Fix(fix[0], Safety(fix[1]), tuple(Edit(*edit) for edit in fix[2])),
        stacks=tuple(record["stacks"]),
        dag_id=record["dag_id"],
        task_id=record["task_id"],
        fingerprint=record["fingerprint"],
        detail=record["detail"],
    )
