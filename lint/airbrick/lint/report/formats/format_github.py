"""``github``: workflow commands, which GitHub shows beside the changed lines.

Source: "Workflow commands for GitHub Actions", and ``escapeData`` and ``escapeProperty`` of actions/toolkit.
"""

from collections.abc import Mapping
from typing import Final

from airbrick.lint.finding import Finding, Severity
from airbrick.lint.report.report import Report, shown_path

_COMMANDS: Final[Mapping[Severity, str]] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}


def write(report: Report) -> str:
    """Write the report."""
    return "".join(f"{_command(finding)}\n" for finding in report.findings)


def _command(finding: Finding) -> str:
    span = finding.span
    properties: dict[str, object] = {
        "title": f"{finding.code} {finding.name}",
        "file": shown_path(finding.path),
        "line": span.line,
        "endLine": span.end_line,
    }
    if span.line == span.end_line:
        # GitHub takes columns only within one line.
        properties |= {"col": span.column, "endColumn": span.end_column}
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    text = f"{finding.message}. {finding.help[:1].upper()}{finding.help[1:]}." if finding.help else finding.message
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
