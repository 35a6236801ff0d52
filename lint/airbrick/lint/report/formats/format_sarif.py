"""``sarif``: Static Analysis Results Interchange Format 2.1.0, for code scanning.

Source: the OASIS standard "SARIF Version 2.1.0", and GitHub's "SARIF support for code scanning".
"""

import json
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from airbrick.lint.finding import Finding, Note, Severity
from airbrick.lint.registry import find_rule
from airbrick.lint.report.masking import shown_fix
from airbrick.lint.report.report import Report, occurrences, shown_path
from airbrick.lint.rule import Rule
from airbrick.lint.source import SourceFile, Span

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT: Final = "SRCROOT"
_LEVELS: Final[Mapping[Severity, str]] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
}

Object = dict[str, Any]


def write(report: Report) -> str:
    """Write the report."""
    codes = sorted({finding.code for finding in report.findings})
    rules = [rule for code in codes if (rule := find_rule(code)) is not None]
    index = {rule.code: number for number, rule in enumerate(rules)}
    numbers = occurrences(report.findings)
    run: Object = {
        "tool": {
            "driver": {
                "name": "airbrick",
                "version": metadata.version("airbrick"),
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"uri": f"{Path.cwd().as_uri()}/"}},
        "invocations": [_invocation(report.errors)],
        "results": [
            _result(
                finding,
                number,
                index,
                report.sources.get(finding.path),
                report.hidden(finding.path),
            )
            for finding, number in zip(report.findings, numbers, strict=True)
        ],
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _invocation(errors: Sequence[str]) -> Object:
    invocation: Object = {"executionSuccessful": not errors}
    if errors:
        invocation["toolExecutionNotifications"] = [{"level": "error", "message": {"text": text}} for text in errors]
    return invocation


def _rule(rule: Rule) -> Object:
    examples = "".join(
        f"\n\n{title}:\n\n```python\n{example.code}```"
        for title, found in (("Reported", rule.bad), ("Not reported", rule.good))
        for example in found
    )
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": f"{rule.summary}."},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.why, "markdown": f"{rule.why}{examples}"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.name]},
    }


def _result(
    finding: Finding, number: int, index: Mapping[str, int], source: SourceFile | None, secret: frozenset[int]
) -> Object:
    result: Object = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}." + (f" {finding.help}." if finding.help else "")},
        "locations": [_location(finding.path, finding.span)],
        "partialFingerprints": {"airbrickFingerprint/v1": f"{finding.fingerprint}:{number}"},
    }
    if finding.code in index:
        result["ruleIndex"] = index[finding.code]
    if finding.notes:
        result["relatedLocations"] = [_related(note, number) for number, note in enumerate(finding.notes)]
    if finding.stacks:
        result["properties"] = {"stacks": list(finding.stacks)}
    fix = shown_fix(finding, source, secret)
    if fix is not None and source is not None:
        change = {
            "artifactLocation": _artifact(finding.path),
            "replacements": [
                {
                    "deletedRegion": _region(_between(source, edit.start, edit.end)),
                    "insertedContent": {"text": edit.text},
                }
                for edit in fix.edits
            ],
        }
        result["fixes"] = [{"description": {"text": fix.description}, "artifactChanges": [change]}]
    return result


def _between(source: SourceFile, start: int, end: int) -> Span:
    return Span(*source.position(start), *source.position(end))


def _location(path: Path, span: Span | None) -> Object:
    physical: Object = {"artifactLocation": _artifact(path)}
    if span is not None:
        physical["region"] = _region(span)
    return {"physicalLocation": physical}


def _related(note: Note, number: int) -> Object:
    return {"id": number, "message": {"text": note.message}, **_location(note.path, note.span)}


def _artifact(path: Path) -> Object:
    shown = shown_path(path)
    if shown.startswith("/"):
        return {"uri": f"file://{quote(shown, errors='replace')}"}
    return {"uri": quote(shown, errors="replace"), "uriBaseId": _ROOT}


def _region(span: Span) -> Object:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
