"""``concise``: one line a finding, as compilers write them."""

from airbrick.lint.report.lines import place, summary
from airbrick.lint.report.report import Report


def write(report: Report) -> str:
    """Write the report."""
    palette = report.palette
    lines: list[str] = []
    for finding in report.findings:
        where = palette.bold(place(finding.path, finding.span.line, finding.span.column))
        fixable = " [*]" if finding.fix is not None else ""
        lines.append(f"{where}: {palette.code(finding.code)}{fixable} {finding.message}")
    return "".join(f"{line}\n" for line in (*lines, summary(report)))
