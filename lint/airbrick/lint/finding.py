"""What a rule found, and how it can be mended."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from airbrick.lint.source import Span


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """How bad it is as a number; the worst is the greatest."""
        return _RANKS[self]


_RANKS: Final = {Severity.ERROR: 2, Severity.WARNING: 1, Severity.INFO: 0}


class Safety(StrEnum):
    """Whether a fix keeps the meaning of the code."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement of a range of text.

    :param start: offset of the first character that goes.
    :param end: offset after the last character that goes; equal to ``start`` for an insertion.
    :param text: what comes instead, with the file's own newlines.
    """

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that mend one finding.

    :param description: what they do, as an order to the reader.
    """

    description: str
    safety: Safety
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that explains a finding.

    :param path: the file the place is in.
    :param span: where; ``None`` when only the file is known.
    """

    message: str
    path: Path
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake at a place.

    :param code: the rule's code.
    :param name: the rule's name.
    :param help: one line that says what to do.
    :param stacks: the stacks in which it holds; empty for findings that ask no contract.
    :param dag_id: the DAG it is about; empty when the code does not tell.
    :param task_id: the task it is about; empty when it is about a DAG, or the code does not tell.
    :param fingerprint: what it is known by when lines move.
    """

    code: str
    name: str
    severity: Severity
    path: Path
    span: Span
    message: str
    help: str = ""
    notes: tuple[Note, ...] = ()
    fix: Fix | None = None
    stacks: tuple[str, ...] = ()
    dag_id: str = ""
    task_id: str = ""
    fingerprint: str = ""
    detail: str = field(default="", compare=False)

    @property
    def sort_key(self) -> tuple[Span, str, str]:
        """Order findings as they stand in the file."""
        return (self.span, self.code, self.message)
