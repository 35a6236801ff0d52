"""Lines that several formats for people share."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from airbrick.lint.finding import Finding
from airbrick.lint.report.report import Report


def place(path: Path, line: int | None = None, column: int | None = None) -> str:
    """Write a place as editors and terminals understand it."""
    parts = [str(path), *(str(part) for part in (line, column) if part is not None)]
    return ":".join(parts)


def summary(report: Report) -> str:
    """Write the last line."""
    findings, files = report.findings, len(report.files)
    checked = f"{files} file{'' if files == 1 else 's'} checked"
    checked += f", {report.known} known left out" if report.known else ""
    mended = f", {report.fixed} fixed" if report.fixed else ""
    if not findings:
        return f"No findings{mended} ({checked})."
    safe = sum(1 for f in findings if f.fix is not None and f.fix.safety == "safe")
    unsafe = sum(1 for f in findings if f.fix is not None and f.fix.safety == "unsafe")
    hints = [f"{safe} fixable with --fix"] if safe else []
    hints += [f"{unsafe} with --fix --unsafe-fixes"] if unsafe else []
    tail = f" {', '.join(hints)}." if hints else ""
    return f"{len(findings)} finding{'' if len(findings) == 1 else 's'}{mended} ({checked}).{tail}"


def statistics(findings: Sequence[Finding]) -> Iterator[str]:
    """Write how often each rule was broken, most often first."""
    names = {finding.code: finding.name for finding in findings}
    counted = sorted(Counter(finding.code for finding in findings).items(), key=lambda item: (-item[1], item[0]))
    width = max((len(str(count)) for _, count in counted), default=1)
    yield from (f"{count:>{width}}  {code}  {names[code]}" for code, count in counted)
