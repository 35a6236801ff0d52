"""``/api/2.0/workspace``: notebooks, files and folders."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import ApiError, invalid_parameter, not_implemented
from airbrick.emulator.multipart import read_multipart
from airbrick.emulator.notebooks import LANGUAGES, as_source, notebook_language, without_extension
from airbrick.emulator.wire import Call, Reply, Route, read_body

if TYPE_CHECKING:
    from airbrick.emulator.files import WorkspaceObject
    from airbrick.emulator.store import Store

MAX_SIZE_BYTES = 10 * 1024 * 1024
_IMPORTS = ("SOURCE", "AUTO", "RAW")
_EXPORTS = ("SOURCE", "AUTO", "RAW")
_KNOWN_FORMATS = ("AUTO", "DBC", "HTML", "JUPYTER", "RAW", "R_MARKDOWN", "SOURCE")


def import_object(store: Store, call: Call) -> dict[str, Any]:
    """Answer import, of JSON with base64 content or of a multipart form with the bytes."""
    content = _read_import(call)
    path, language = call.text("path"), call.optional_text("language")
    overwrite = call.flag("overwrite")
    kind = _format(call, _IMPORTS)
    if len(content) > MAX_SIZE_BYTES:
        raise ApiError(
            400,
            "MAX_NOTEBOOK_SIZE_EXCEEDED",
            f"File size imported is ({len(content)} bytes), exceeded max size ({MAX_SIZE_BYTES} bytes)",
        )
    if kind == "AUTO":
        language = notebook_language(path, content)
        path = without_extension(path) if language else path
    elif kind == "SOURCE" and language is None:
        raise invalid_parameter("language is required for format SOURCE; for a plain file use format AUTO or RAW")
    if kind == "RAW" or language is None:
        store.files.write(path, "FILE", content, language=None, overwrite=overwrite)
    else:
        store.files.write(path, "NOTEBOOK", as_source(language, content), language=language, overwrite=overwrite)
    return {}


def export(store: Store, call: Call) -> Reply | dict[str, Any]:
    """Answer export, as JSON with base64 content or directly."""
    item = store.files.get(call.text("path"))
    _format(call, _EXPORTS)
    if item.object_type == "DIRECTORY":
        raise not_implemented("The airbrick emulator does not export folders; export their files one by one.")
    if call.flag("direct_download"):
        return Reply(item.content, content_type="application/octet-stream")
    answer = {"content": base64.b64encode(item.content).decode()}
    extension = LANGUAGES[item.language][0] if item.language else ""
    return answer | ({"file_type": extension[1:]} if extension else {})


def get_status(store: Store, call: Call) -> dict[str, Any]:
    """Answer get-status."""
    return _show(store.files.get(call.text("path")))


def list_objects(store: Store, call: Call) -> dict[str, Any]:
    """Answer list; an empty folder answers an empty object."""
    items = store.files.children(call.text("path"))
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


def _format(call: Call, supported: tuple[str, ...]) -> str:
    kind = call.optional_text("format") or "SOURCE"
    if kind not in _KNOWN_FORMATS:
        raise invalid_parameter(f"format must be one of {', '.join(_KNOWN_FORMATS)}")
    if kind not in supported:
        raise not_implemented(f"The airbrick emulator does not know format {kind}; use {', '.join(supported)}.")
    return kind


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
)
