"""``rdjson``: Reviewdog's Diagnostic Format.

Source: ``proto/rdf/reviewdog.proto`` of reviewdog: lines and columns from 1, columns in bytes of UTF-8.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from airbrick.lint.finding import Edit, Finding, Severity
from airbrick.lint.report.masking import shown_fix
from airbrick.lint.report.report import Report, shown_path
from airbrick.lint.source import SourceFile, Span

_SEVERITIES: Final[Mapping[Severity, str]] = {
    Severity.ERROR: "ERROR",
    Severity.WARNING: "WARNING",
    Severity.INFO: "INFO",
}


def write(report: Report) -> str:
    """Write the report."""
    diagnostics = [
        _diagnostic(finding, report.sources.get(finding.path), report.hidden(finding.path))
        for finding in report.findings
    ]
    return json.dumps({"source": {"name": "airbrick"}, "diagnostics": diagnostics}, ensure_ascii=False) + "\n"


def _diagnostic(finding: Finding, source: SourceFile | None, secret: frozenset[int]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "message": finding.message,
        "location": {"path": shown_path(finding.path), "range": _range(finding.span, source)},
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": finding.code},
    }
    fix = shown_fix(finding, source, secret)
    if fix is not None and source is not None:
        document["suggestions"] = [_suggestion(edit, source) for edit in fix.edits]
    return document


def _suggestion(edit: Edit, source: SourceFile) -> dict[str, Any]:
    line, column = source.position(edit.start)
    end_line, end_column = source.position(edit.end)
    return {"range": _range(Span(line, column, end_line, end_column), source), "text": edit.text}


def _range(span: Span, source: SourceFile | None) -> dict[str, Any]:
    return {
        "start": {"line": span.line, "column": _bytes(span.line, span.column, source)},
        "end": {"line": span.end_line, "column": _bytes(span.end_line, span.end_column, source)},
    }


def _bytes(line: int, column: int, source: SourceFile | None) -> int:
    if source is None:
        return column
    return len(source.line_text(line)[: column - 1].encode("utf-8", "surrogatepass")) + 1
