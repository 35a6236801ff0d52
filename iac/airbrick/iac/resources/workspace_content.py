"""What stands in a notebook or a file of the workspace, here and there."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar, Final, Literal, TypeAlias
from urllib.parse import quote

from airbrick.iac.clients.databricks import Json, Workspace
from airbrick.iac.errors import IacError, NotFoundError, PropertyError, UnclearError
from airbrick.iac.provider.handler import Context
from airbrick.iac.values import Properties

MAX_IMPORT_BYTES: Final = 10 * 1024 * 1024
"""Limit of import and of export. Source: https://docs.databricks.com/api/workspace/workspace/import and
https://github.com/databricks/cli/issues/3691"""

MAX_FILE_BYTES: Final = 500 * 1024 * 1024
"""Limit of ``workspace-files/import-file``. Source: https://github.com/databricks/cli/pull/1795 and
https://github.com/databricks/cli/pull/879"""

API: Final = "/api/2.0/workspace"
OBJECT: Final = "workspace object"
"""What messages call a notebook or a file."""

_FILES: Final = "/api/2.0/workspace-files/import-file"
_HEAD_BYTES: Final = 200
_LANGUAGES: Final[Mapping[str, tuple[str, str]]] = {
    ".py": ("PYTHON", "# Databricks notebook source"),
    ".sql": ("SQL", "-- Databricks notebook source"),
    ".scala": ("SCALA", "// Databricks notebook source"),
    ".r": ("R", "# Databricks notebook source"),
}

ObjectType = Literal["NOTEBOOK", "FILE"]


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in a workspace object.

    :param data: the bytes to import.
    :param object_type: notebook or file.
    :param language: the notebook's language; empty for a file.
    """

    data: bytes
    object_type: ObjectType
    language: str = ""

    @property
    def sha256(self) -> str:
        """Hash of the content, the same for what was imported and for what is exported."""
        data = self.data
        if self.object_type == "NOTEBOOK":
            # An export has the marker line, line feeds and no trailing empty lines, whatever was imported.
            lines = data.decode(errors="replace").removeprefix("\ufeff").replace("\r\n", "\n").rstrip().split("\n")
            data = "\n".join(lines[1:] if lines[0].endswith("Databricks notebook source") else lines).encode()
        return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class BigFile:
    """A file that is too big to be imported or exported: it is sent as a stream, and known again by its size.

    :param file: the local file.
    :param sha256: hash of the content, and behind a slash its size in bytes.
    """

    file: Path
    sha256: str
    object_type: ClassVar[ObjectType] = "FILE"


AnyContent: TypeAlias = Content | BigFile


def content_of(data: bytes, source: str, object_type: str | None) -> Content:
    """Tell a notebook from a file.

    :raises ValueError: a notebook is wanted, but the suffix names no language.
    """
    language, marker = _LANGUAGES.get(PurePosixPath(source).suffix.lower(), ("", ""))
    first_line = data[:_HEAD_BYTES].decode(errors="replace").removeprefix("\ufeff").split("\n", 1)[0].strip()
    if object_type == "FILE" or (object_type is None and (not marker or first_line != marker)):
        return Content(data, "FILE")
    if not language:
        raise ValueError(f"a notebook's source ends in {', '.join(_LANGUAGES)}")
    return Content(data, "NOTEBOOK", language)


def text_content(text: str, path: str, object_type: str | None) -> Content:
    """Give text that stands in place of a local file.

    :param path: its place in the workspace, which tells the language.
    :raises PropertyError: it is too big, or no notebook.
    """
    data = text.encode()
    if len(data) > MAX_IMPORT_BYTES:
        reason = f"has {len(data)} bytes; text may have {MAX_IMPORT_BYTES} at most; give a local file as source"
        raise PropertyError("content", reason)
    try:
        return content_of(data, path, object_type)
    except ValueError as error:
        raise PropertyError("content", f"{path!r}: {error}") from error


def local_content(context: Context, source: str, object_type: str | None) -> AnyContent:
    """Read a local file.

    :param source: its path from the program's folder.
    :raises PropertyError: it cannot be read, is too big, or is no notebook.
    """
    file = Path(context.program_directory, source)
    try:
        size_bytes = file.stat().st_size
        if size_bytes <= MAX_IMPORT_BYTES:
            return content_of(file.read_bytes(), source, object_type)
        return _big_file(file, source, size_bytes, object_type)
    except OSError as error:
        raise PropertyError(
            "source", f"cannot read {source!r}: {error.strerror}; give a path from {context.program_directory}"
        ) from error
    except ValueError as error:
        raise PropertyError("source", f"{source!r}: {error}") from error


def _big_file(file: Path, source: str, size_bytes: int, object_type: str | None) -> BigFile:
    """Hash a file that does not fit into an import.

    :raises ValueError: the workspace does not take it.
    """
    if size_bytes > MAX_FILE_BYTES:
        limit = f"a file of the workspace may have {MAX_FILE_BYTES} at most"
        raise ValueError(f"it has {size_bytes} bytes; {limit}; keep it in a Unity Catalog volume")
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        # The call for big files takes no object type: what looks like a notebook becomes one.
        looks = content_of(head, source, None).object_type == "NOTEBOOK" or source.lower().endswith(".ipynb")
        if looks or object_type == "NOTEBOOK":
            limit = f"a notebook may have {MAX_IMPORT_BYTES} at most"
            raise ValueError(f"it has {size_bytes} bytes; {limit}; take results out of it, or move code into files")
        stream.seek(0)
        return BigFile(file, f"{hashlib.file_digest(stream, 'sha256').hexdigest()}/{size_bytes}")


def place(path: str) -> str:
    """Give the one spelling of a path that has two: with ``/Workspace`` in front and without."""
    return path.removeprefix("/Workspace") if path.startswith("/Workspace/") else path


def placed(inputs: Properties) -> Properties:
    """Give inputs with the one spelling of their path."""
    path = inputs.get("path")
    return {**inputs, "path": place(path)} if isinstance(path, str) else inputs


def remote_hash(workspace: Workspace, path: str, expected: str = "") -> str | None:
    """Give the hash of what stands at the path; ``None`` when nothing does.

    :param expected: the hash it should have. Of a file that is too big to be exported only the size is seen, so that
        one of the same size is taken for the expected one.
    """
    try:
        status = workspace.get(f"{API}/get-status", {"path": path})
        if status.get("object_type") == "FILE" and int(status.get("size", 0)) > MAX_IMPORT_BYTES:
            size = f"/{status['size']}"
            return expected if expected.endswith(size) else f"unread{size}"
        answer = workspace.get(f"{API}/export", {"path": path, "format": "SOURCE"})
    except NotFoundError:
        return None
    data = base64.b64decode(str(answer.get("content", "")))
    object_type: ObjectType = "NOTEBOOK" if status.get("object_type") == "NOTEBOOK" else "FILE"
    return Content(data, object_type).sha256


def is_there(found: str | None, content: AnyContent) -> bool:
    """Tell whether what stands at a path is a content surely; of a big file that cannot be seen."""
    return found == content.sha256 and isinstance(content, Content)


def make_folder(workspace: Workspace, folder: str) -> None:
    """Make a folder and those above it, where they are not there."""
    workspace.post(f"{API}/mkdirs", {"path": folder}, repeatable=True)


def import_content(workspace: Workspace, path: str, content: AnyContent, *, overwrite: bool) -> None:
    """Import an object; an unclear answer is no failure when the content is there.

    :raises IacError: the workspace refused, or the content is not there.
    """
    if isinstance(content, BigFile):
        # Whoever calls has looked what stands there; sent again, it must not stumble over its own first attempt.
        workspace.upload(f"{_FILES}/{quote(path.lstrip('/'))}", content.file, {"overwrite": "true"})
        return
    body: Json = {"path": path, "content": base64.b64encode(content.data).decode(), "overwrite": overwrite}
    if content.object_type == "NOTEBOOK":
        body |= {"format": "SOURCE", "language": content.language}
    else:
        body |= {"format": "RAW"}
    try:
        workspace.post(f"{API}/import", body)
    except UnclearError as error:
        try:
            done = remote_hash(workspace, path) == content.sha256
        except IacError:
            raise error from None
        if not done:
            raise
