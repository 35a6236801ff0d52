"""``json-lines``: the objects of ``json``, one a line."""

from airbrick.lint.report.formats.format_json import lines_of
from airbrick.lint.report.report import Report


def write(report: Report) -> str:
    """Write the report."""
    return "".join(f"{line}\n" for line in lines_of(report))
