"""``json``: a list of objects, with all there is to tell."""

from collections.abc import Iterator

from airbrick.lint.kept import KeptResult
from airbrick.lint.report.documents import document, to_text
from airbrick.lint.report.report import Report


def write(report: Report) -> str:
    """Write a list of objects, each on a line of its own; columns are characters from 1, the end is exclusive."""
    # With an indent, json is written in Python and takes longer than the linting did.
    lines = ",".join(f"\n  {line}" for line in lines_of(report))
    return f"[{lines}\n]\n" if lines else "[]\n"


def lines_of(report: Report) -> Iterator[str]:
    """Give each finding as an object on one line."""
    for result in report.results:
        hidden = report.hidden(result.path)
        if isinstance(result, KeptResult) and not hidden:
            yield from result.documents
        else:
            yield from (to_text(document(finding, result.source, hidden)) for finding in result.findings)
    for finding in report.together:
        source = report.sources.get(finding.path) if finding.fix is not None else None
        yield to_text(document(finding, source, report.hidden(finding.path)))
