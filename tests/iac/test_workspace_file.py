"""Notebooks and files, over the protocol, in the emulator."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from databricks.sdk import WorkspaceClient
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2

from airbrick.iac.errors import PropertyError
from airbrick.iac.resources.workspace_content import MAX_FILE_BYTES, MAX_IMPORT_BYTES, Content, content_of, text_content
from airbrick.iac.values import UNKNOWN

if TYPE_CHECKING:
    from tests.iac.wire import Wire

    from airbrick.emulator import Emulator

FILE = "airbrick:databricks:WorkspaceFile"
PATH = "/Workspace/orders/dev/load"
IMPORT = "/api/2.0/workspace/import"
NOTEBOOK = "# Databricks notebook source\nprint('größe')\n\n# COMMAND ----------\nprint(2)\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "load.py"
    file.write_text(NOTEBOOK, encoding="utf-8")
    return file


def checked(wire: Wire, source: Path, **more: Any) -> dict[str, Any]:
    inputs, failures = wire.check(FILE, "load", {"path": PATH, "source": str(source), **more})
    assert failures == {}
    return inputs


def exported(client: WorkspaceClient, path: str = PATH) -> bytes:
    return base64.b64decode(client.workspace.export(path).content or "")


def there(client: WorkspaceClient, path: str = PATH) -> bool:
    from databricks.sdk.errors import NotFound

    try:
        client.workspace.get_status(path)
    except NotFound:
        return False
    return True


def test_the_state_holds_a_hash_and_never_the_content(provider: Wire, source: Path, client: WorkspaceClient) -> None:
    inputs = checked(provider, source)
    resource_id, outputs = provider.create(FILE, "load", inputs)
    assert resource_id == PATH
    assert set(inputs) == {"path", "source", "object_type", "overwrite", "content_sha256"}
    assert outputs == {key: inputs[key] for key in ("path", "object_type", "content_sha256")}
    assert "print" not in str((inputs, outputs))
    assert b"print('gr\xc3\xb6\xc3\x9fe')" in exported(client)
    assert str(client.workspace.get_status(PATH).object_type) == "ObjectType.NOTEBOOK"


def test_a_plain_file_is_kept_byte_for_byte(provider: Wire, tmp_path: Path, client: WorkspaceClient) -> None:
    data = b"id,name\r\n1,\xff\xfe\r\n"
    file = tmp_path / "raw.csv"
    file.write_bytes(data)
    inputs = checked(provider, file)
    assert inputs["object_type"] == "FILE"
    provider.create(FILE, "load", inputs)
    assert exported(client) == data
    assert provider.read(FILE, "load", PATH, inputs)[1] == inputs


@pytest.mark.parametrize(
    "text", [NOTEBOOK, NOTEBOOK.replace("\n", "\r\n"), NOTEBOOK.rstrip(), NOTEBOOK + "\n\n", "\ufeff" + NOTEBOOK]
)
def test_what_the_workspace_does_to_a_notebook_is_no_drift(provider: Wire, source: Path, text: str) -> None:
    source.write_bytes(text.encode())
    inputs = checked(provider, source)
    provider.create(FILE, "load", inputs)
    assert provider.read(FILE, "load", PATH, inputs)[1] == inputs


def test_an_edit_in_the_workspace_is_drift_and_is_taken_back(
    provider: Wire, source: Path, client: WorkspaceClient
) -> None:
    inputs = checked(provider, source)
    _, outputs = provider.create(FILE, "load", inputs)
    edited = base64.b64encode(b"# Databricks notebook source\nprint('edited')").decode()
    body = {"path": PATH, "content": edited, "format": "SOURCE", "language": "PYTHON", "overwrite": True}
    client.api_client.do("POST", IMPORT, body=body)
    _, seen, _ = provider.read(FILE, "load", PATH, inputs, **outputs)
    answer = provider.diff(FILE, "load", seen, inputs)
    assert list(answer.detailedDiff) == ["content_sha256"]
    assert not answer.replaces
    provider.update(FILE, "load", PATH, seen, inputs, **outputs)
    assert b"edited" not in exported(client)


def test_a_deleted_file_is_gone(provider: Wire, source: Path, client: WorkspaceClient) -> None:
    inputs = checked(provider, source)
    provider.create(FILE, "load", inputs)
    client.workspace.delete(PATH)
    assert provider.read(FILE, "load", PATH, inputs)[0] == ""


def test_a_foreign_object_is_left_alone_unless_overwrite(provider: Wire, source: Path, client: WorkspaceClient) -> None:
    client.workspace.mkdirs("/Workspace/orders/dev")
    body = {"path": PATH, "content": base64.b64encode(b"theirs").decode(), "format": "SOURCE", "language": "PYTHON"}
    client.api_client.do("POST", IMPORT, body=body)
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(FILE, "load", checked(provider, source))
    assert isinstance(caught.value, grpc.Call)
    assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS
    assert "set overwrite=True" in str(caught.value.details())
    assert b"theirs" in exported(client)
    provider.create(FILE, "load", checked(provider, source, overwrite=True))
    assert b"theirs" not in exported(client)


def test_what_an_interrupted_up_imported_is_taken_over(
    provider: Wire, next_provider: Wire, source: Path, workspace: Emulator
) -> None:
    inputs = checked(provider, source)
    provider.create(FILE, "load", inputs)
    workspace.forget()
    next_provider.create(FILE, "load", inputs)
    assert workspace.requests("POST", IMPORT) == []


@pytest.mark.parametrize("preset", ["lost_ack", "half_body", "outage", "throttle"])
def test_an_import_that_goes_wrong_ends_in_one_file(
    provider: Wire, next_provider: Wire, source: Path, workspace: Emulator, preset: str
) -> None:
    inputs = checked(provider, source)
    workspace.fault(preset, path=IMPORT, times=1)
    try:
        provider.create(FILE, "load", inputs)
    except grpc.RpcError:
        assert preset == "outage"
        next_provider.create(FILE, "load", inputs)
    assert provider.read(FILE, "load", PATH, inputs)[1] == inputs
    client = WorkspaceClient(host=workspace.host, token=workspace.token)
    assert len(list(client.workspace.list("/Workspace/orders/dev"))) == 1


def test_a_delete_leaves_the_folder_and_can_be_repeated(provider: Wire, source: Path, client: WorkspaceClient) -> None:
    provider.create(FILE, "load", checked(provider, source))
    provider.delete(FILE, "load", PATH)
    provider.delete(FILE, "load", PATH)
    assert not there(client)
    assert there(client, "/Workspace/orders/dev")


def test_another_path_is_another_file(wire: Wire, source: Path) -> None:
    old = checked(wire, source)
    answer = wire.diff(FILE, "load", old, {**old, "path": PATH + "2"})
    assert list(answer.replaces) == ["path"]
    assert not answer.deleteBeforeReplace


def test_another_kind_at_the_same_path_needs_the_old_one_gone_first(wire: Wire, source: Path) -> None:
    old = checked(wire, source)
    answer = wire.diff(FILE, "load", old, {**old, "object_type": "FILE"})
    assert answer.deleteBeforeReplace


def test_where_the_local_file_lies_is_no_change(wire: Wire, source: Path, tmp_path: Path) -> None:
    old = checked(wire, source)
    moved = tmp_path / "moved.py"
    moved.write_bytes(source.read_bytes())
    answer = wire.diff(FILE, "load", old, checked(wire, moved, overwrite=True))
    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_an_import_by_path_gives_what_is_there(provider: Wire, source: Path) -> None:
    made = checked(provider, source)
    provider.create(FILE, "load", made)
    resource_id, inputs, _ = provider.read(FILE, "load", PATH)
    assert resource_id == PATH
    assert provider.diff(FILE, "load", inputs, made).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_preview_calls_nothing(provider: Wire, source: Path, workspace: Emulator) -> None:
    inputs = checked(provider, source)
    _, outputs = provider.create(FILE, "load", inputs, preview=True)
    assert outputs["path"] == PATH
    provider.update(FILE, "load", PATH, inputs, inputs, preview=True)
    assert workspace.requests() == []


def test_a_path_that_is_not_known_yet_waits(wire: Wire, source: Path) -> None:
    inputs, failures = wire.check(FILE, "load", {"path": UNKNOWN, "source": str(source)})
    assert failures == {}
    assert wire.create(FILE, "load", inputs, preview=True)[1]["path"] is UNKNOWN


@pytest.mark.parametrize(
    ("inputs", "path", "reason"),
    [
        ({"source": "x"}, "path", "is missing"),
        ({"path": PATH}, "source", "is missing"),
        ({"path": "orders/load", "source": "x"}, "path", "expected an absolute path"),
        ({"path": PATH, "source": "no-such-file.py"}, "source", "cannot read 'no-such-file.py'"),
        ({"path": PATH, "source": "x", "object_type": "LIBRARY"}, "object_type", "expected NOTEBOOK or FILE"),
        ({"path": PATH, "source": "/", "object_type": "FILE"}, "source", "cannot read"),
    ],
)
def test_a_mistake_is_named_with_its_place(wire: Wire, inputs: dict[str, Any], path: str, reason: str) -> None:
    _, failures = wire.check(FILE, "load", inputs)
    assert reason in failures[path]


@pytest.mark.parametrize(
    ("name", "head", "size", "more", "reason"),
    [
        ("big.bin", b"", MAX_FILE_BYTES, {}, "may have 524288000 at most; keep it in a Unity Catalog volume"),
        ("a.py", b"# Databricks notebook source\n", MAX_IMPORT_BYTES, {}, "a notebook may have 10485760 at most"),
        ("a.py", b"", MAX_IMPORT_BYTES, {"object_type": "NOTEBOOK"}, "a notebook may have 10485760 at most"),
        ("a.ipynb", b"{}", MAX_IMPORT_BYTES, {}, "a notebook may have 10485760 at most"),
    ],
)
def test_what_is_too_big_is_refused_before_it_is_sent(  # noqa: PLR0917 - a table
    wire: Wire, tmp_path: Path, name: str, head: bytes, size: int, more: dict[str, str], reason: str
) -> None:
    file = tmp_path / name
    with file.open("wb") as stream:
        stream.write(head)
        stream.truncate(size + 1)
    _, failures = wire.check(FILE, "load", {"path": PATH, "source": str(file), **more})
    assert f"it has {size + 1} bytes; " in failures["source"]
    assert reason in failures["source"]


def test_text_that_is_too_big_wants_a_file() -> None:
    with pytest.raises(PropertyError, match=r"content: has 10485761 bytes; .* give a local file as source"):
        text_content("x" * (MAX_IMPORT_BYTES + 1), PATH, None)


def test_a_file_above_the_limit_of_imports_is_sent_as_it_is(
    provider: Wire, client: WorkspaceClient, workspace: Emulator, tmp_path: Path
) -> None:
    file, path = tmp_path / "gröss.whl", "/Workspace/orders/gröss.whl"
    file.write_bytes(b"\0\xff" * (MAX_IMPORT_BYTES // 2 + 1))
    inputs, failures = provider.check(FILE, "big", {"path": path, "source": str(file)})
    assert failures == {}
    resource_id, outputs = provider.create(FILE, "big", inputs)
    assert client.workspace.get_status(path).size == file.stat().st_size
    # No part of the file is read back.
    assert provider.read(FILE, "big", resource_id, inputs, **outputs)[1] == inputs
    assert workspace.requests("GET", "/api/2.0/workspace/export") == []

    # A second attempt cannot see whether what stands there is the same: it sends it again.
    provider.create(FILE, "big", inputs)
    assert len(workspace.requests("POST", "/api/2.0/workspace-files/import-file/*")) == 2

    file.write_bytes(b"\0" * (MAX_IMPORT_BYTES + 9))
    new, _ = provider.check(FILE, "big", {"path": path, "source": str(file)})
    assert list(provider.diff(FILE, "big", inputs, new).diffs) == ["content_sha256"]
    provider.update(FILE, "big", resource_id, inputs, new)
    assert client.workspace.get_status(path).size == MAX_IMPORT_BYTES + 9
    # Somebody put another one there.
    assert provider.read(FILE, "big", resource_id, inputs, **outputs)[1]["content_sha256"] == "unread/10485769"


def test_a_big_file_of_others_is_not_replaced(provider: Wire, client: WorkspaceClient, tmp_path: Path) -> None:
    file, path = tmp_path / "a.bin", "/Workspace/a.bin"
    for size in (MAX_IMPORT_BYTES + 1, MAX_IMPORT_BYTES + 2):
        file.write_bytes(b"\0" * size)
        inputs, _ = provider.check(FILE, "big", {"path": path, "source": str(file)})
        if size == MAX_IMPORT_BYTES + 1:
            provider.create(FILE, "big", inputs)
    with pytest.raises(grpc.RpcError, match="another object stands there already"):
        provider.create(FILE, "other", inputs)


def test_a_notebook_needs_a_language(wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("x", encoding="utf-8")
    _, failures = wire.check(FILE, "load", {"path": PATH, "source": str(file), "object_type": "NOTEBOOK"})
    assert "a notebook's source ends in .py" in failures["source"]


def test_a_file_that_changes_while_it_is_deployed_is_an_error(provider: Wire, source: Path) -> None:
    inputs = checked(provider, source)
    source.write_text(NOTEBOOK + "print(3)", encoding="utf-8")
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(FILE, "load", inputs)
    assert isinstance(caught.value, grpc.Call)
    assert "changed while it was deployed" in str(caught.value.details())


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.py", "# Databricks notebook source\n", ("NOTEBOOK", "PYTHON")),
        ("a.sql", "-- Databricks notebook source\nselect 1", ("NOTEBOOK", "SQL")),
        ("A.R", "# Databricks notebook source", ("NOTEBOOK", "R")),
        ("a.scala", "// Databricks notebook source", ("NOTEBOOK", "SCALA")),
        ("a.py", "print('# Databricks notebook source')", ("FILE", "")),
        ("a.txt", "# Databricks notebook source", ("FILE", "")),
        ("a.py", "", ("FILE", "")),
    ],
)
def test_a_notebook_is_told_from_a_file(name: str, text: str, kind: tuple[str, str]) -> None:
    content = content_of(text.encode(), name, None)
    assert (content.object_type, content.language) == kind


@given(st.binary(max_size=40))
def test_any_bytes_have_a_hash_of_their_own_as_a_file(data: bytes) -> None:
    assert Content(data, "FILE").sha256 != Content(data + b"x", "FILE").sha256


@given(st.text(max_size=40))
def test_a_notebooks_hash_does_not_depend_on_line_ends(text: str) -> None:
    plain = text.replace("\r", "")
    assert Content(plain.encode(errors="replace"), "NOTEBOOK").sha256 == (
        Content(plain.replace("\n", "\r\n").encode(errors="replace"), "NOTEBOOK").sha256
    )


def test_a_missing_source_is_told_the_folder_that_paths_start_from(wire: Wire) -> None:
    _, failures = wire.check(FILE, "load", {"path": PATH, "source": "src/no-such-file.py"})
    assert failures["source"].endswith(f"; give a path from {Path.cwd()}")


def test_text_can_stand_in_place_of_a_file(provider: Wire, client: WorkspaceClient) -> None:
    given = {"path": "/Workspace/orders/limits.json", "content": '{"größe": 1}'}
    inputs, failures = provider.check(FILE, "limits", given)
    assert failures == {}
    resource_id, outputs = provider.create(FILE, "limits", inputs)
    assert exported(client, resource_id).decode() == given["content"]
    assert provider.read(FILE, "limits", resource_id, inputs, **outputs)[1] == inputs
    new, _ = provider.check(FILE, "limits", {**given, "content": "{}"})
    assert list(provider.diff(FILE, "limits", inputs, new).diffs) == ["content_sha256"]


def test_a_text_that_is_not_known_yet_replaces_no_file(wire: Wire) -> None:
    given = {"path": "/Workspace/orders/limits.json", "content": "{}"}
    inputs, _ = wire.check(FILE, "limits", given)
    later, failures = wire.check(FILE, "limits", {**given, "content": UNKNOWN}, inputs)
    assert failures == {}
    assert later["content_sha256"] is UNKNOWN
    answer = wire.diff(FILE, "limits", inputs, later)
    assert (list(answer.diffs), list(answer.replaces)) == (["content_sha256"], [])
    named, _ = wire.check(FILE, "limits", {**given, "content": UNKNOWN, "object_type": "NOTEBOOK"}, inputs)
    assert list(wire.diff(FILE, "limits", inputs, named).replaces) == ["object_type"]


def test_a_file_has_one_source(wire: Wire) -> None:
    assert "excludes 'source'" in wire.check(FILE, "x", {"path": "/a", "source": "b", "content": "c"})[1]["content"]
    assert "give a local file, or the content" in wire.check(FILE, "x", {"path": "/a"})[1]["source"]
