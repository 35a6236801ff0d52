"""What is kept of a file's result: its findings as reports tell them, unfolded where somebody looks into them.

Most runs find what the run before found, and do no more with it than tell it again.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Final

from airbrick.lint.finding import Finding, Fix, Safety, Severity
from airbrick.lint.packs import Entry
from airbrick.lint.report.documents import document, read, to_text
from airbrick.lint.report.masking import secret_lines
from airbrick.lint.result import FileResult
from airbrick.lint.source import SourceFile


def to_record(result: FileResult) -> Entry:
    """Write a result as an entry of the cache.

    Of a fix that repeats a secret only is kept that there is one: no report tells more.
    """
    secret = secret_lines(result.findings)
    hidden = secret.get(result.path, frozenset())
    written = [document(finding, result.source, hidden) for finding in result.findings]
    return {
        "documents": [to_text(one) for one in written],
        "withheld": {
            str(index): [finding.fix.description, finding.fix.safety.value]
            for index, finding in enumerate(result.findings)
            if finding.fix is not None and written[index]["fix"] is None
        },
        "worst": result.worst,
        "secret": bool(secret),
        "gathered": {code: list(texts) for code, texts in result.gathered.items()},
        "decoded": result.source is not None,
        "refused": result.refused,
    }


class KeptResult:
    """What an earlier run found in a file.

    :param record: what was kept.
    :param data: the content of the file.
    """

    crashed: Final = False

    def __init__(self, path: Path, record: Entry, data: bytes) -> None:
        self.path = path
        self.documents: list[str] = record["documents"]
        self.refused: bool = record["refused"]
        self.may_show_secrets: bool = record["secret"]
        self._record = record
        self._data = data

    @property
    def worst(self) -> Severity | None:
        """The worst severity among the findings."""
        worst = self._record["worst"]
        return None if worst is None else Severity(worst)

    @property
    def gathered(self) -> Mapping[str, tuple[str, ...]]:
        """By the code of a rule, what it has to know of the file."""
        return {code: tuple(texts) for code, texts in self._record["gathered"].items()}

    @cached_property
    def source(self) -> SourceFile | None:
        """The file, for the code that reports show."""
        return SourceFile.from_bytes(self._data, self.path) if self.documents and self._record["decoded"] else None

    @property
    def withholds(self) -> bool:
        """Whether fixes were withheld, so that it does not tell what mends the file."""
        return bool(self._record["withheld"])

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, in order; a fix that was withheld has no edits."""
        found = [read(json.loads(text), self.path, self.source) for text in self.documents]
        for index, (description, safety) in self._record["withheld"].items():
            found[int(index)] = replace(found[int(index)], fix=Fix(description, Safety(safety), ()))
        return tuple(found)
