"""Workspace files."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from databricks.sdk.errors import ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service.workspace import ImportFormat, Language
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.emulator.helpers import Api

from airbrick.emulator.errors import ApiError
from airbrick.emulator.files import clean_path
from airbrick.emulator.multipart import read_multipart

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from airbrick.emulator import ManualClock

FILES = "/api/2.0/workspace"
HEADER = b"# Databricks notebook source"


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    "content", [b"", b"plain", b"a\r\nb\r\n", "ünï €".encode(), bytes(range(256)), b"\r\n--x\r\n", b"x" * 300_000]
)
def test_a_file_comes_back_byte_for_byte(client: WorkspaceClient, content: bytes) -> None:
    client.workspace.upload("/Shared/a file.bin", io.BytesIO(content), format=ImportFormat.AUTO)
    assert client.workspace.download("/Shared/a file.bin").read() == content
    status = client.workspace.get_status("/Shared/a file.bin")
    assert status.object_type is not None
    assert (status.object_type.value, status.size) == ("FILE", len(content))
    exported = client.workspace.export("/Workspace/Shared/a file.bin")
    assert base64.b64decode(exported.content or "") == content


def test_a_source_file_with_a_header_becomes_a_notebook_without_extension(client: WorkspaceClient) -> None:
    source = HEADER + b"\r\nprint(1)\r\n"
    client.workspace.upload("/Shared/note.py", io.BytesIO(source), format=ImportFormat.AUTO)
    status = client.workspace.get_status("/Shared/note")
    assert (status.object_type and status.object_type.value, status.language) == ("NOTEBOOK", Language.PYTHON)
    assert client.workspace.download("/Shared/note").read() == source
    with pytest.raises(ResourceDoesNotExist):
        client.workspace.get_status("/Shared/note.py")


def test_a_notebook_gets_its_header_and_exports_its_extension(client: WorkspaceClient) -> None:
    client.workspace.upload("/Shared/q.sql", io.BytesIO(b"select 1"))
    assert client.workspace.download("/Shared/q.sql").read() == b"-- Databricks notebook source\nselect 1"
    assert client.workspace.export("/Shared/q.sql").file_type == "sql"


def test_raw_keeps_a_notebooks_source_a_file(client: WorkspaceClient) -> None:
    client.workspace.import_("/Shared/n.py", content=b64(HEADER), format=ImportFormat.RAW)
    status = client.workspace.get_status("/Shared/n.py")
    assert status.object_type is not None
    assert status.object_type.value == "FILE"


def test_only_overwrite_replaces(client: WorkspaceClient, clock: ManualClock) -> None:
    client.workspace.import_("/Shared/f", content=b64(b"1"), format=ImportFormat.AUTO)
    before = client.workspace.get_status("/Shared/f")
    with pytest.raises(ResourceAlreadyExists):
        client.workspace.import_("/Shared/f", content=b64(b"2"), format=ImportFormat.AUTO)
    clock.advance(5)
    client.workspace.import_("/Shared/f", content=b64(b"2"), format=ImportFormat.AUTO, overwrite=True)
    after = client.workspace.get_status("/Shared/f")
    assert client.workspace.download("/Shared/f").read() == b"2"
    assert after.object_id == before.object_id
    assert (after.modified_at or 0) - (before.modified_at or 0) == 5000


def test_a_file_does_not_replace_a_notebook(api: Api) -> None:
    body: dict[str, Any] = {"path": "/Shared/x", "content": b64(b""), "overwrite": True}
    api.post(f"{FILES}/import", {**body, "format": "SOURCE", "language": "PYTHON"})
    status, code, message = api.error("POST", f"{FILES}/import", {**body, "format": "RAW"})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert "type mismatch" in message


def test_folders_are_made_listed_and_deleted(client: WorkspaceClient) -> None:
    client.workspace.mkdirs("/Shared/a/b/c")
    client.workspace.mkdirs("/Shared/a/b/c")
    client.workspace.import_("/Shared/a/f", content="", format=ImportFormat.RAW)
    assert [item.path for item in client.workspace.list("/Shared/a")] == ["/Shared/a/b", "/Shared/a/f"]
    assert [item.path for item in client.workspace.list("/Shared/a/f")] == ["/Shared/a/f"]
    assert list(client.workspace.list("/Shared/a/b/c")) == []
    client.workspace.delete("/Shared/a", recursive=True)
    with pytest.raises(ResourceDoesNotExist):
        client.workspace.get_status("/Shared/a/b/c")


@pytest.mark.parametrize(
    ("method", "path", "body", "error"),
    [
        ("POST", "import", {"path": "/Nope/x", "content": "", "format": "RAW"}, (404, "RESOURCE_DOES_NOT_EXIST")),
        ("POST", "import", {"path": "Shared/x", "content": "", "format": "RAW"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", "import", {"path": "/Shared/../x", "content": "", "format": "RAW"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", "import", {"path": "/Shared/x", "content": "é", "format": "RAW"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", "import", {"path": "/Shared/x", "content": 5, "format": "RAW"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", "import", {"path": "/Shared/x", "content": ""}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", "import", {"path": "/Shared/x", "language": "COBOL"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", "import", {"path": "/Shared/x", "format": "PDF"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", "import", {"path": "/Shared/x", "format": "R_MARKDOWN"}, (501, "NOT_IMPLEMENTED")),
        ("POST", "import", {"content": ""}, (400, "INVALID_PARAMETER_VALUE")),
        ("GET", "export", {"path": "/Shared", "format": "RAW"}, (400, "INVALID_PARAMETER_VALUE")),
        ("GET", "export", {"path": "/Nope"}, (404, "RESOURCE_DOES_NOT_EXIST")),
        ("GET", "list", {"path": "/Nope"}, (404, "RESOURCE_DOES_NOT_EXIST")),
        ("POST", "delete", {"path": "/Nope"}, (404, "RESOURCE_DOES_NOT_EXIST")),
        ("POST", "delete", {"path": "/Users"}, (400, "DIRECTORY_NOT_EMPTY")),
        ("POST", "delete", {"path": "/Users", "recursive": True}, (400, "DIRECTORY_PROTECTED")),
        ("POST", "delete", {"path": "/", "recursive": True}, (400, "INVALID_PARAMETER_VALUE")),
    ],
)
def test_wrong_requests_for_files_are_refused(
    api: Api, method: str, path: str, body: dict[str, Any], error: tuple[int, str]
) -> None:
    assert api.error(method, f"{FILES}/{path}", body)[:2] == error


def test_a_file_is_no_folder(api: Api) -> None:
    api.post(f"{FILES}/import", {"path": "/Shared/f", "content": "", "format": "RAW"})
    below = {"path": "/Shared/f/x", "content": "", "format": "RAW"}
    assert api.error("POST", f"{FILES}/import", below)[0] == 404
    assert api.error("POST", f"{FILES}/mkdirs", {"path": "/Shared/f"})[1] == "RESOURCE_ALREADY_EXISTS"


def test_a_file_above_ten_megabytes_is_refused(client: WorkspaceClient, api: Api) -> None:
    files = {"content": b"x" * (10 * 1024 * 1024 + 1)}
    response = api.http.post(f"{FILES}/import", data={"path": "/Shared/x", "format": "AUTO"}, files=files)
    assert response.json()["error_code"] == "MAX_NOTEBOOK_SIZE_EXCEEDED"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="path"\r\n\r\n/a'),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nno name\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b""),
    ],
)
def test_a_broken_form_is_refused(api: Api, content_type: str, body: bytes) -> None:
    response = api.http.post(f"{FILES}/import", content=body, headers={"Content-Type": content_type})
    assert (response.status_code, response.json()["error_code"]) == (400, "MALFORMED_REQUEST")


@settings(deadline=None)
@given(st.binary(max_size=200), st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=9))
def test_forms_are_read_byte_for_byte(content: bytes, boundary: str) -> None:
    request = httpx.Request(
        "POST",
        "http://x",
        data={"path": "/ü"},
        files={"content": content},
        headers={"Content-Type": f"multipart/form-data; boundary=--{boundary}--{boundary}"},
    )
    request.read()
    parts = read_multipart(request.headers["content-type"], request.content)
    assert parts == {"path": "/ü".encode(), "content": content}


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [("/", "/"), ("/a/", "/a"), ("/Workspace/a", "/a"), ("/Workspace", "/"), ("/Workspaces/a", "/Workspaces/a")],
)
def test_paths_are_cleaned(path: str, cleaned: str) -> None:
    assert clean_path(path) == cleaned


@pytest.mark.parametrize("path", ["", "a", "/a//b", "/a/./b", "/.."])
def test_strange_paths_are_refused(path: str) -> None:
    with pytest.raises(ApiError):
        clean_path(path)


def test_only_notebooks_that_changed_are_listed(api: Api, clock: ManualClock) -> None:
    for name, kind in (("old", "SOURCE"), ("new", "SOURCE"), ("file", "RAW")):
        clock.advance(1)
        api.post(f"{FILES}/import", {"path": f"/Shared/{name}", "format": kind, "language": "PYTHON"})
    since = int(clock.now() * 1000) - 2000
    found = api.get(f"{FILES}/list", path="/Shared", notebooks_modified_after=since)["objects"]
    assert [item["path"] for item in found] == ["/Shared/file", "/Shared/new"]


def test_a_file_is_imported_by_its_path_alone(api: Api) -> None:
    path = "/api/2.0/workspace-files/import-file/Shared%2Fa%20b.bin"
    assert api.http.post(path, content=b"\x00\xff").json() == {}
    again = api.http.post(path, content=b"2")
    assert (again.status_code, again.json()["error_code"]) == (409, "RESOURCE_ALREADY_EXISTS")
    assert api.http.post(path, content=b"3", params={"overwrite": "true"}).json() == {}
    export = api.call("GET", f"{FILES}/export", path="/Shared/a b.bin", direct_download="true")
    assert export.content == b"3"
    api.http.post("/api/2.0/workspace-files/import-file/Shared/note.py", content=HEADER)
    status = api.get(f"{FILES}/get-status", path="/Shared/note", return_export_info="true")
    assert (status["object_type"], status["repos_export_format"]) == ("NOTEBOOK", "SOURCE")
    missing = api.http.post("/api/2.0/workspace-files/import-file/nope/x", content=b"")
    assert missing.status_code == 404
