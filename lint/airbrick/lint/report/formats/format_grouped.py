"""``grouped``: findings under the file they are in."""

from itertools import groupby

from airbrick.lint.report.lines import place, summary
from airbrick.lint.report.report import Report


def write(report: Report) -> str:
    """Write the report."""
    palette = report.palette
    lines: list[str] = []
    for path, group in groupby(report.findings, key=lambda finding: finding.path):
        found = list(group)
        lines.append(f"{palette.bold(place(path))}:")
        places = [f"{finding.span.line}:{finding.span.column}" for finding in found]
        width = max(map(len, places))
        for where, finding in zip(places, found, strict=True):
            fixable = " [*]" if finding.fix is not None else ""
            lines.append(f"  {where:<{width}}  {palette.code(finding.code)}{fixable} {finding.message}")
        lines.append("")
    return "".join(f"{line}\n" for line in (*lines, summary(report)))
