"""``junit``: a test suite for each file, a failed test for each finding.

Source: ``junit-10.xsd`` of Jenkins' xUnit plugin.
"""

from xml.sax.saxutils import escape, quoteattr

from airbrick.lint.finding import Finding
from airbrick.lint.report.report import Report, shown_path


def write(report: Report) -> str:
    """Write the report."""
    by_file: dict[str, list[Finding]] = {shown_path(path): [] for path in report.files}
    for finding in report.findings:
        by_file.setdefault(shown_path(finding.path), []).append(finding)
    suites = "".join(_suite(path, found) for path, found in by_file.items())
    tests = sum(max(len(found), 1) for found in by_file.values())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="airbrick" tests="{tests}" failures="{len(report.findings)}" errors="0">\n'
        f"{suites}</testsuites>\n"
    )


def _suite(path: str, found: list[Finding]) -> str:
    cases = "".join(_failed(path, finding) for finding in found) or (
        f'    <testcase name="airbrick lint" classname={_attribute(path)} time="0"/>\n'
    )
    return (
        f'  <testsuite name={_attribute(path)} tests="{max(len(found), 1)}" failures="{len(found)}" errors="0"'
        f' skipped="0" time="0">\n{cases}  </testsuite>\n'
    )


def _failed(path: str, finding: Finding) -> str:
    where = f"{path}:{finding.span.line}:{finding.span.column}"
    text = f"{where}: {finding.code} {finding.message}" + (f"\nhelp: {finding.help}" if finding.help else "")
    name = f"{finding.code} {finding.name} at {finding.span.line}:{finding.span.column}"
    return (
        f'    <testcase name={_attribute(name)} classname={_attribute(path)} time="0">\n'
        f"      <failure type={_attribute(finding.severity.value)} message={_attribute(finding.message)}>"
        f"{escape(_valid(text))}</failure>\n    </testcase>\n"
    )


def _attribute(text: str) -> str:
    return quoteattr(_valid(text))


def _valid(text: str) -> str:
    """Replace characters that XML 1.0 has no way to write."""
    return "".join(
        c if c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or ("\ue000" <= c != "\ufffe" and c != "\uffff") else "\ufffd"
        for c in text
    )
