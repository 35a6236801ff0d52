"""Folders of the workspace as archives: zip files of sources, and Databricks archives (DBC)."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from typing import TYPE_CHECKING, NamedTuple

from airbrick.emulator.errors import ApiError, invalid_parameter
from airbrick.emulator.notebook_formats import read_jupyter, read_model, write_model
from airbrick.emulator.notebooks import LANGUAGES, Notebook, notebook_language, without_extension

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airbrick.emulator.files import WorkspaceObject

MAX_ENTRIES = 10_000
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
)
_FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)
_MODEL_EXTENSIONS = {f".{name.lower()}": name for name in LANGUAGES}


class Entry(NamedTuple):
    """A file of an archive.

    :param path: relative, without a slash in front
    :param language: of a notebook; None for a file
    """

    path: str
    language: str | None
    content: bytes


def is_archive(content: bytes) -> bool:
    """Tell whether bytes are a zip file."""
    return zipfile.is_zipfile(io.BytesIO(content))


def read_archive(content: bytes, *, models: bool, limit_bytes: int) -> list[Entry]:
    """Return the files of an archive.

    :param models: notebooks are models, as in DBC; otherwise sources
    :param limit_bytes: size that the files may have together
    :raises ApiError: 400, it is no archive, too large, or two of its files get one path
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            _check_size(infos, limit_bytes)
            files = [(info.filename, archive.read(info)) for info in infos]
    except _UNREADABLE:
        raise invalid_parameter("content is not a zip archive that can be read") from None
    entries = [_entry(name, data, models=models) for name, data in files]
    _check_paths([entry.path for entry in entries])
    return _without_top(entries)


def write_archive(objects: Iterable[WorkspaceObject], folder: str, *, models: bool, with_files: bool) -> bytes:
    """Return a folder as an archive, below a top folder of its name; the same folder gives the same bytes.

    :param objects: what is below the folder
    :param models: write notebooks as models, as in DBC; otherwise as sources
    :param with_files: write files too, not notebooks alone
    """
    parent = folder.rpartition("/")[0]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in objects:
            name = item.path[len(parent) + 1 :]
            if item.object_type == "NOTEBOOK" and item.language is not None:
                notebook = Notebook(item.language, item.content)
                extension = f".{item.language.lower()}" if models else LANGUAGES[item.language].extension
                data = write_model(notebook, name.rpartition("/")[2]) if models else item.content
                archive.writestr(zipfile.ZipInfo(name + extension, _FIRST_MOMENT), data)
            elif item.object_type == "FILE" and with_files:
                archive.writestr(zipfile.ZipInfo(name, _FIRST_MOMENT), item.content)
    return buffer.getvalue()


def _check_size(infos: list[zipfile.ZipInfo], limit_bytes: int) -> None:
    if len(infos) > MAX_ENTRIES:
        raise invalid_parameter(f"content has {len(infos)} files; an archive may have {MAX_ENTRIES}")
    size = sum(info.file_size for info in infos)
    if size > limit_bytes:
        message = f"The files of the archive have {size} bytes, exceeded max size ({limit_bytes} bytes)"
        raise ApiError(400, "MAX_NOTEBOOK_SIZE_EXCEEDED", message)


def _entry(name: str, data: bytes, *, models: bool) -> Entry:
    stem, dot, extension = name.rpartition(".")
    if models:
        if dot + extension not in _MODEL_EXTENSIONS:
            raise invalid_parameter(f"content has a file that is no notebook: {name[:100]!r}")
        language, source = read_model(data)
        return Entry(stem, language, source)
    if extension == "ipynb":
        language, source = read_jupyter(data)
        return Entry(stem, language, source)
    found = notebook_language(name, data)
    return Entry(without_extension(name) if found else name, found, data)


def _check_paths(paths: list[str]) -> None:
    folders = {path[:place] for path in paths for place, letter in enumerate(path) if letter == "/"}
    seen: set[str] = set()
    for path in paths:
        if path in seen or path in folders:
            raise invalid_parameter(f"content has two files or folders for the path {path[:100]!r}")
        if any(part in ("", ".", "..") for part in path.split("/")):
            raise invalid_parameter(f"content has a file with the path {path[:100]!r}, which leads elsewhere")
        seen.add(path)


def _without_top(entries: list[Entry]) -> list[Entry]:
    tops = {entry.path.partition("/")[0] for entry in entries}
    if len(tops) != 1 or any("/" not in entry.path for entry in entries):
        return entries
    return [entry._replace(path=entry.path.partition("/")[2]) for entry in entries]
