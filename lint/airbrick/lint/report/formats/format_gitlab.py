"""``gitlab``: a Code Quality report.

Source: "Code Quality", section "Code Quality report format", of GitLab's documentation.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from airbrick.lint.finding import Finding, Severity
from airbrick.lint.report.report import Report, occurrences, shown_path

_SEVERITIES: Final[Mapping[Severity, str]] = {
    Severity.ERROR: "critical",
    Severity.WARNING: "major",
    Severity.INFO: "info",
}


def write(report: Report) -> str:
    """Write the report."""
    numbers = occurrences(report.findings)
    listed = [_issue(finding, number) for finding, number in zip(report.findings, numbers, strict=True)]
    return json.dumps(listed, indent=2, ensure_ascii=False) + "\n"


def _issue(finding: Finding, number: int) -> dict[str, Any]:
    path = shown_path(finding.path)
    # GitLab wants one of its own for each finding of a report.
    own = hashlib.sha256(f"{path}\0{finding.fingerprint}\0{number}".encode("utf-8", "surrogatepass"))
    return {
        "description": f"{finding.code} {finding.message}",
        "check_name": finding.name,
        "fingerprint": own.hexdigest()[:32],
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": path, "lines": {"begin": finding.span.line, "end": finding.span.end_line}},
    }
