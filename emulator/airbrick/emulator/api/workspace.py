"""``/api/2.0/workspace``: notebooks, files and folders."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from airbrick.emulator.archives import is_archive, read_archive, write_archive
from airbrick.emulator.errors import ApiError, invalid_parameter, not_implemented
from airbrick.emulator.multipart import read_multipart
from airbrick.emulator.notebook_formats import FORMATS, read_jupyter
from airbrick.emulator.notebooks import LANGUAGES, Notebook, as_source, notebook_language, without_extension
from airbrick.emulator.wire import Call, Reply, Route, read_body

if TYPE_CHECKING:
    from airbrick.emulator.files import WorkspaceObject
    from airbrick.emulator.store import Store

MAX_SIZE_BYTES = 10 * 1024 * 1024
MAX_FILE_BYTES = 500 * 1024 * 1024
"""Limit of workspace-files/import-file. Source: https://github.com/databricks/cli/pull/1795"""

_BYTES = "application/octet-stream"
_KNOWN_FORMATS = ("AUTO", "DBC", "HTML", "JUPYTER", "RAW", "R_MARKDOWN", "SOURCE")
_FOLDER_FORMATS = ("AUTO", "DBC", "SOURCE")


def import_object(store: Store, call: Call) -> dict[str, Any]:
    """Answer import, of JSON with base64 content or of a multipart form with the bytes."""
    content = _read_import(call)
    path, language = call.text("path"), call.optional_text("language") or None
    overwrite, kind = call.flag("overwrite"), _format(call)
    _check_size(len(content))
    if kind == "DBC" or (kind == "SOURCE" and language is None and is_archive(content)):
        _import_archive(store, path, content, models=kind == "DBC", overwrite=overwrite)
        return {}
    notebook = _as_notebook(path, kind, language, content)
    target = without_extension(path) if notebook and kind == "AUTO" else path
    _write(store, target, notebook or content, overwrite=overwrite)
    return {}


def import_file(store: Store, call: Call) -> dict[str, Any]:
    """Answer workspace-files/import-file: the body is the content, the format is AUTO."""
    path, content = "/" + call.path_params["path"].lstrip("/"), call.raw
    call.params = dict(call.query)
    notebook = _as_notebook(path, "AUTO", None, content)
    _check_size(len(content), MAX_SIZE_BYTES if notebook else MAX_FILE_BYTES)
    target, overwrite = without_extension(path) if notebook else path, call.flag("overwrite")
    if not overwrite and store.files.find(target) is not None:
        raise ApiError(409, "RESOURCE_ALREADY_EXISTS", f"Path ({target}) already exists.")
    _write(store, target, notebook or content, overwrite=overwrite)
    return {}


def export(store: Store, call: Call) -> Reply | dict[str, Any]:
    """Answer export, as JSON with base64 content or directly."""
    item = store.files.get(call.text("path"))
    content, extension = _exported(store, item, _format(call))
    _check_size(len(content))
    if call.flag("direct_download"):
        return Reply(content, content_type=_BYTES)
    answer = {"content": base64.b64encode(content).decode()}
    return answer | ({"file_type": extension[1:]} if extension else {})


def get_status(store: Store, call: Call) -> dict[str, Any]:
    """Answer get-status."""
    item = store.files.get(call.text("path"))
    shown = _show(item)
    if call.flag("return_export_info") and item.object_type == "NOTEBOOK":
        shown["repos_export_format"] = "SOURCE"
    return shown


def list_objects(store: Store, call: Call) -> dict[str, Any]:
    """Answer list; an empty folder answers an empty object."""
    since_ms = call.optional_integer("notebooks_modified_after")
    items = [
        item
        for item in store.files.children(call.text("path"))
        if since_ms is None or item.object_type != "NOTEBOOK" or int(item.modified_s * 1000) > since_ms
    ]
    return {"objects": [_show(item) for item in items]} if items else {}


def make_directories(store: Store, call: Call) -> dict[str, Any]:
    """Answer mkdirs."""
    store.files.make_directory(call.text("path"))
    return {}


def delete(store: Store, call: Call) -> dict[str, Any]:
    """Answer delete."""
    store.files.delete(call.text("path"), recursive=call.flag("recursive"))
    return {}


def _read_import(call: Call) -> bytes:
    content_type = call.headers.get("content-type", "")
    if content_type.startswith("multipart/form-data"):
        parts = read_multipart(content_type, call.raw)
        content = parts.pop("content", b"")
        call.params = {name: value.decode("utf-8", "replace") for name, value in parts.items()}
        return content
    read_body(call)
    try:
        return base64.b64decode(call.optional_text("content") or "", validate=True)
    except (binascii.Error, ValueError):
        raise invalid_parameter("content must be base64") from None


def _format(call: Call) -> str:
    kind = call.choice("format", _KNOWN_FORMATS) or "SOURCE"
    if kind == "R_MARKDOWN":
        raise not_implemented("The airbrick emulator does not know format R_MARKDOWN; use SOURCE or JUPYTER.")
    return kind


def _as_notebook(path: str, kind: str, language: str | None, content: bytes) -> Notebook | None:
    if kind in FORMATS:
        return FORMATS[kind].read(content)
    if kind == "AUTO":
        found = notebook_language(path, content)
        if found is None and path.lower().endswith(FORMATS["JUPYTER"].extension):
            return read_jupyter(content)
        return Notebook(found, content) if found else None
    if kind == "RAW":
        return None
    if language is None:
        raise invalid_parameter("language is required for format SOURCE; for a plain file use format AUTO or RAW")
    return Notebook(language, as_source(language, content))


def _write(store: Store, path: str, item: Notebook | bytes, *, overwrite: bool) -> None:
    language, content = item if isinstance(item, Notebook) else (None, item)
    store.files.write(path, content, language=language, overwrite=overwrite)


def _import_archive(store: Store, path: str, content: bytes, *, models: bool, overwrite: bool) -> None:
    if overwrite:
        raise invalid_parameter("overwrite is not supported for archives; delete the folder first")
    if store.files.find(path) is not None:
        raise ApiError(400, "RESOURCE_ALREADY_EXISTS", f"Path ({path}) already exists.")
    entries = read_archive(content, models=models, limit_bytes=MAX_SIZE_BYTES)
    if models and len(entries) == 1 and "/" not in entries[0].path:
        store.files.write(path, entries[0].content, language=entries[0].language, overwrite=False)
        return
    store.files.make_directory(path)
    for entry in entries:
        target = f"{path.rstrip('/')}/{entry.path}"
        store.files.make_directory(target.rpartition("/")[0])
        store.files.write(target, entry.content, language=entry.language, overwrite=False)


def _exported(store: Store, item: WorkspaceObject, kind: str) -> tuple[bytes, str]:
    if item.object_type == "DIRECTORY":
        if kind not in _FOLDER_FORMATS:
            raise invalid_parameter(f"A folder can only be exported in format {', '.join(_FOLDER_FORMATS)}.")
        objects = store.files.below(item.path)
        content = write_archive(objects, item.path, models=kind == "DBC", with_files=kind == "AUTO")
        return content, ".dbc" if kind == "DBC" else ".zip"
    if item.language is None:
        if kind in ("DBC", *FORMATS):
            raise invalid_parameter(f"Only a notebook can be exported in format {kind}; this is a file.")
        return item.content, ""
    notebook, name = Notebook(item.language, item.content), item.path.rpartition("/")[2]
    if kind in FORMATS:
        return FORMATS[kind].write(notebook, name), FORMATS[kind].extension
    if kind == "DBC":
        return write_archive([item], item.path, models=True, with_files=False), ".dbc"
    return item.content, LANGUAGES[item.language].extension


def _check_size(size_bytes: int, limit_bytes: int = MAX_SIZE_BYTES) -> None:
    if size_bytes > limit_bytes:
        raise ApiError(
            400,
            "MAX_NOTEBOOK_SIZE_EXCEEDED",
            f"File size imported is ({size_bytes} bytes), exceeded max size ({limit_bytes} bytes)",
        )


def _show(item: WorkspaceObject) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "path": item.path,
        "object_type": item.object_type,
        "object_id": item.object_id,
        "resource_id": str(item.object_id),
        "created_at": int(item.created_s * 1000),
        "modified_at": int(item.modified_s * 1000),
    }
    if item.language is not None:
        shown["language"] = item.language
    if item.object_type == "FILE":
        shown["size"] = len(item.content)
    return shown


ROUTES = (
    Route("POST", "/api/2.0/workspace/import", import_object, reads_json=False),
    Route("GET", "/api/2.0/workspace/export", export),
    Route("GET", "/api/2.0/workspace/get-status", get_status),
    Route("GET", "/api/2.0/workspace/list", list_objects),
    Route("POST", "/api/2.0/workspace/mkdirs", make_directories),
    Route("POST", "/api/2.0/workspace/delete", delete),
    Route("POST", "/api/2.0/workspace-files/import-file/{path*}", import_file, reads_json=False),
)
