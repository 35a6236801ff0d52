"""Notebook source files: which language, which header line, which cells."""

from __future__ import annotations

import re
from typing import NamedTuple

from airbrick.emulator.errors import invalid_parameter


class Language(NamedTuple):
    """How notebooks of a language are written.

    :param extension: of source files
    :param comment: begins a comment
    """

    extension: str
    comment: str

    @property
    def header(self) -> str:
        """The first line of a notebook."""
        return f"{self.comment} Databricks notebook source"

    @property
    def separator(self) -> str:
        """The line between two cells."""
        return f"{self.comment} COMMAND ----------"


LANGUAGES = {
    "PYTHON": Language(".py", "#"),
    "SQL": Language(".sql", "--"),
    "SCALA": Language(".scala", "//"),
    "R": Language(".r", "#"),
}
_BOM = b"\xef\xbb\xbf"
_JUPYTER = ".ipynb"


class Notebook(NamedTuple):
    """A notebook.

    :param language: a key of :data:`LANGUAGES`
    :param source: source with its header line
    """

    language: str
    source: bytes


def notebook_language(path: str, content: bytes) -> str | None:
    """Return the language when extension and header line say that a file is a notebook, else None."""
    first = _first_line(content)
    for name, language in LANGUAGES.items():
        if path.lower().endswith(language.extension) and first == language.header:
            return name
    return None


def without_extension(path: str) -> str:
    """Return the path of the notebook that is made of a source file."""
    for extension in (*(language.extension for language in LANGUAGES.values()), _JUPYTER):
        if path.lower().endswith(extension):
            return path[: -len(extension)]
    return path


def as_source(language: str, content: bytes) -> bytes:
    """Return a notebook's source with its header line.

    :raises ApiError: 400, the language is unknown
    """
    if language not in LANGUAGES:
        raise invalid_parameter(f"language must be one of {', '.join(LANGUAGES)}")
    header = LANGUAGES[language].header
    return content if _first_line(content) == header else header.encode() + b"\n" + content


def split_cells(notebook: Notebook) -> list[str]:
    """Return the cells of a notebook; one in another language or in Markdown begins with ``%``."""
    language = LANGUAGES[notebook.language]
    text = notebook.source.removeprefix(_BOM).decode("utf-8", "replace")
    body = text.partition("\n")[2] if _first_line(notebook.source) == language.header else text
    mark = re.compile(rf"^{re.escape(language.separator)}[ \t]*\r?$", re.MULTILINE)
    return [_from_magic(language, cell.strip("\r\n")) for cell in mark.split(body)]


def join_cells(language: str, cells: list[str]) -> Notebook:
    """Return the notebook that has the cells."""
    spec = LANGUAGES[language]
    texts = [_as_magic(spec, cell) if cell.startswith("%") else cell for cell in cells]
    body = f"\n\n{spec.separator}\n\n".join(texts)
    return Notebook(language, f"{spec.header}\n{body}".encode("utf-8", "replace"))


def _first_line(content: bytes) -> str:
    return content[:200].removeprefix(_BOM).split(b"\n", 1)[0].strip().decode("utf-8", "replace")


def _as_magic(language: Language, cell: str) -> str:
    return "\n".join(f"{language.comment} MAGIC {line}" for line in cell.split("\n"))


def _from_magic(language: Language, cell: str) -> str:
    prefix = f"{language.comment} MAGIC"
    lines = cell.split("\n")
    if not lines[0].startswith(f"{prefix} %"):
        return cell
    return "\n".join(line.removeprefix(prefix).removeprefix(" ") for line in lines)
