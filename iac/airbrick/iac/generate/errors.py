"""Why a program is not written.

GenerateError
├── NothingFoundError   no job fits
├── NothingInDagError   a DAG file names no job
└── FileExistsAlreadyError   a file would be lost
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class GenerateError(Exception):
    """No program is written, and nothing was changed."""


@dataclass
class NothingFoundError(GenerateError):
    """No job fits what was asked for.

    :param asked: the filters, as they were given.
    :param seen: how many jobs the workspace showed us.
    """

    asked: str
    seen: int

    def __str__(self) -> str:
        among = f"none of the {self.seen} jobs that we may see" if self.seen else "we may see no job here"
        return f"{among}{f' fits {self.asked}' if self.asked and self.seen else ''}; nothing is written"


@dataclass
class NothingInDagError(GenerateError):
    """A DAG file names no job that could be brought.

    :param path: the file.
    """

    path: Path

    def __str__(self) -> str:
        return f"{self.path}: no task submits or creates a job, or runs one by its id; nothing is written"


@dataclass
class FileExistsAlreadyError(GenerateError):
    """A file is there already.

    :param paths: the files that would be lost.
    """

    paths: Sequence[str]

    def __str__(self) -> str:
        return f"{', '.join(self.paths)} would be overwritten; name another folder with -o, or move it away"
