"""``json-lines``: the objects of ``json``, one a line."""

import json

from airbrick.lint.report.formats.format_json import documents
from airbrick.lint.report.report import Report


def write(report: Report) -> str:
    """Write the report."""
    return "".join(f"{json.dumps(document, ensure_ascii=False)}\n" for document in documents(report))
