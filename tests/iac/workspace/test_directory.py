"""Folders of the workspace, over the protocol."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from databricks.sdk.errors import NotFound
from databricks.sdk.service.workspace import ImportFormat
from pulumi.runtime.proto import provider_pb2
from tests.iac.wire import init_failed, refusal

from airbrick.iac.resources.workspace_content import MAX_FILE_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from databricks.sdk import WorkspaceClient
    from tests.iac.wire import Wire

    from airbrick.emulator import Emulator

DIRECTORY = "airbrick:databricks:WorkspaceDirectory"
PATH = "/Workspace/Shared/orders"
NOTEBOOK = "# Databricks notebook source\nprint(1)\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    (folder / "lib" / "__pycache__").mkdir(parents=True)
    (folder / "clean.py").write_text(NOTEBOOK, encoding="utf-8")
    (folder / "lib" / "größe.py").write_text("x = 1\n", encoding="utf-8")
    (folder / "lib" / "__pycache__" / "x.pyc").write_bytes(b"0")
    return folder


def checked(wire: Wire, source: Path, **more: Any) -> dict[str, Any]:
    inputs, failures = wire.check(DIRECTORY, "src", {"path": PATH, "source": str(source), **more})
    assert failures == {}
    return inputs


def listed(client: WorkspaceClient, path: str = PATH) -> set[str]:
    prefix = f"{PATH.removeprefix('/Workspace')}/"
    found = (str(item.path).removeprefix("/Workspace") for item in client.workspace.list(path, recursive=True))
    return {item.removeprefix(prefix) for item in found}


def test_the_life_of_a_folder(provider: Wire, client: WorkspaceClient, source: Path, workspace: Emulator) -> None:
    inputs = checked(provider, source)
    assert sorted(inputs["files"]) == ["clean", "lib/größe.py"]
    assert provider.check(DIRECTORY, "src", inputs) == (inputs, {})
    resource_id, outputs = provider.create(DIRECTORY, "src", inputs)
    assert listed(client) == {"clean", "lib/größe.py"}
    assert provider.read(DIRECTORY, "src", resource_id, inputs, **outputs) == (PATH, inputs, outputs)

    # A diff names the files that change; only those are written.
    (source / "lib" / "größe.py").unlink()
    (source / "new.txt").write_text("x", encoding="utf-8")
    new = checked(provider, source)
    assert sorted(provider.diff(DIRECTORY, "src", inputs, new).detailedDiff) == [
        'files["lib/größe.py"]', 'files["new.txt"]',
    ]  # fmt: skip
    provider.next_up()
    workspace.forget()
    provider.update(DIRECTORY, "src", resource_id, inputs, new, **outputs)
    assert listed(client) == {"clean", "new.txt"}
    assert len(workspace.requests("POST", "/api/2.0/workspace/import")) == 1

    # Somebody else's file keeps its folder.
    client.workspace.upload(f"{PATH}/theirs.txt", b"x", format=ImportFormat.RAW)
    provider.delete(DIRECTORY, "src", resource_id, new)
    provider.delete(DIRECTORY, "src", resource_id, new)
    assert listed(client) == {"theirs.txt"}
    assert provider.read(DIRECTORY, "src", resource_id, new)[0] == ""


@pytest.mark.parametrize("deleted", [1, 2])
def test_a_deletion_that_was_interrupted_is_completed(
    deleted: int, provider: Wire, client: WorkspaceClient, source: Path
) -> None:
    inputs = checked(provider, source)
    resource_id, outputs = provider.create(DIRECTORY, "src", inputs)
    for name in sorted(inputs["files"], reverse=True)[:deleted]:
        client.workspace.delete(f"{PATH}/{name}")
    _, seen, outputs = provider.read(DIRECTORY, "src", resource_id, inputs, **outputs)
    provider.delete(DIRECTORY, "src", resource_id, seen, **outputs)
    with pytest.raises(NotFound):
        client.workspace.get_status(PATH)
    assert provider.read(DIRECTORY, "src", resource_id, seen, **outputs)[0] == ""


def test_a_folder_is_made_though_an_answer_is_lost(
    provider: Wire, client: WorkspaceClient, source: Path, workspace: Emulator
) -> None:
    workspace.fault("lost_ack", path="/api/2.0/workspace/mkdirs", times=1)
    provider.create(DIRECTORY, "src", checked(provider, source))
    assert listed(client) == {"clean", "lib/größe.py"}


@pytest.fixture
def swapped(provider: Wire, source: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the inputs of a folder before and after a folder in it became a file, and a file became a folder."""
    (source / "a" / "deep").mkdir(parents=True)
    for name in ("a/x.txt", "a/deep/y.txt", "b"):
        (source / name).write_text(name, encoding="utf-8")
    before = checked(provider, source)
    provider.create(DIRECTORY, "src", before)
    (source / "a" / "x.txt").unlink()
    (source / "a" / "deep" / "y.txt").unlink()
    (source / "a" / "deep").rmdir()
    (source / "a").rmdir()
    (source / "b").unlink()
    (source / "b").mkdir()
    for name in ("a", "b/x.txt", "b/y.txt"):
        (source / name).write_text(name, encoding="utf-8")
    provider.next_up()
    return before, checked(provider, source)


SWAPPED = {"a", "b/x.txt", "b/y.txt", "clean", "lib/größe.py"}


def test_a_file_becomes_a_folder_and_a_folder_a_file(
    provider: Wire, client: WorkspaceClient, swapped: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    before, after = swapped
    provider.update(DIRECTORY, "src", PATH, before, after)
    assert listed(client) == SWAPPED
    assert provider.read(DIRECTORY, "src", PATH, after)[1] == after


@pytest.mark.parametrize("refreshed", [True, False])
def test_such_a_change_that_was_interrupted_is_completed(
    provider: Wire, client: WorkspaceClient, swapped: tuple[dict[str, Any], dict[str, Any]], refreshed: bool
) -> None:
    before, after = swapped
    for name in ("a/x.txt", "a/deep/y.txt", "b"):
        client.workspace.delete(f"{PATH}/{name}")
    client.workspace.mkdirs(f"{PATH}/b")
    client.workspace.upload(f"{PATH}/b/x.txt", b"b/x.txt", format=ImportFormat.RAW)
    if refreshed:
        before = provider.read(DIRECTORY, "src", PATH, before)[1]
    provider.update(DIRECTORY, "src", PATH, before, after)
    assert listed(client) == SWAPPED


@pytest.mark.parametrize("becomes_file", [True, False])
def test_a_notebook_becomes_a_file_of_its_name_and_a_file_a_notebook(
    provider: Wire, client: WorkspaceClient, source: Path, becomes_file: bool
) -> None:
    def only(name: str, text: str) -> dict[str, Any]:
        for other in ("clean", "clean.py"):
            (source / other).unlink(missing_ok=True)
        (source / name).write_text(text, encoding="utf-8")
        provider.next_up()
        return checked(provider, source)

    kinds = [("clean.py", "# Databricks notebook source\n1"), ("clean", "plain")]
    (first, second), wanted = (kinds, "FILE") if becomes_file else (kinds[::-1], "NOTEBOOK")
    before = only(*first)
    provider.create(DIRECTORY, "src", before)
    after = only(*second)
    provider.update(DIRECTORY, "src", PATH, before, after)
    assert str(client.workspace.get_status(f"{PATH}/clean").object_type) == f"ObjectType.{wanted}"
    assert provider.read(DIRECTORY, "src", PATH, after)[1] == after


def test_a_folder_that_holds_what_is_not_ours_does_not_become_a_file(
    provider: Wire, client: WorkspaceClient, swapped: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    client.workspace.upload(f"{PATH}/a/theirs.txt", b"x", format=ImportFormat.RAW)
    with pytest.raises(grpc.RpcError) as caught:
        provider.update(DIRECTORY, "src", PATH, *swapped)
    assert "orders/a" in refusal(caught.value)[1]
    assert "a/theirs.txt" in listed(client)


def test_an_edit_in_the_workspace_is_drift(provider: Wire, client: WorkspaceClient, source: Path) -> None:
    inputs = checked(provider, source)
    resource_id, outputs = provider.create(DIRECTORY, "src", inputs)
    client.workspace.upload(f"{PATH}/lib/größe.py", b"edited", overwrite=True, format=ImportFormat.RAW)
    client.workspace.delete(f"{PATH}/clean")
    seen = provider.read(DIRECTORY, "src", resource_id, inputs, **outputs)[1]
    assert sorted(provider.diff(DIRECTORY, "src", seen, inputs).detailedDiff) == [
        "files.clean", 'files["lib/größe.py"]',
    ]  # fmt: skip
    provider.update(DIRECTORY, "src", resource_id, seen, inputs, **outputs)
    assert provider.read(DIRECTORY, "src", resource_id, inputs, **outputs)[1] == inputs


def test_what_is_not_ours_is_not_replaced(provider: Wire, client: WorkspaceClient, source: Path) -> None:
    client.workspace.mkdirs(f"{PATH}/lib")
    client.workspace.upload(f"{PATH}/lib/größe.py", b"theirs", format=ImportFormat.RAW)
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(DIRECTORY, "src", checked(provider, source))
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.ALREADY_EXISTS
    assert "lib/größe.py" in message
    assert listed(client) == {"lib/größe.py"}
    provider.create(DIRECTORY, "src", checked(provider, source, overwrite=True))
    assert listed(client) == {"clean", "lib/größe.py"}


def test_a_failure_half_way_is_kept_and_completed(
    provider: Wire, next_provider: Wire, client: WorkspaceClient, workspace: Emulator, source: Path
) -> None:
    inputs = checked(provider, source)
    workspace.fault("outage", path="/api/2.0/workspace/import", times=1)
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(DIRECTORY, "src", inputs)
    assert init_failed(caught.value).id == PATH
    next_provider.create(DIRECTORY, "src", inputs)
    assert listed(client) == {"clean", "lib/größe.py"}


@pytest.mark.parametrize("change", ["edited", "gone"])
@pytest.mark.parametrize("way", ["create", "update"])
def test_a_file_that_changes_after_the_preview_is_not_written(
    provider: Wire, client: WorkspaceClient, source: Path, change: str, way: str
) -> None:
    before, file = checked(provider, source), source / "lib" / "größe.py"
    if way == "update":
        provider.create(DIRECTORY, "src", before)
        file.write_text("x = 2\n", encoding="utf-8")
    planned = checked(provider, source)
    file.unlink() if change == "gone" else file.write_text("x = 3\n", encoding="utf-8")
    (source / "log.txt").write_text("came later", encoding="utf-8")
    arguments = [PATH, before, planned] if way == "update" else [planned]
    with pytest.raises(grpc.RpcError) as caught:
        getattr(provider, way)(DIRECTORY, "src", *arguments)
    assert "changed while it was deployed: lib/größe.py; run `pulumi up` again" in refusal(caught.value)[1]
    assert exported(client) == ("x = 1\n" if way == "update" else None)
    # What came into the folder since is no reason to stop.
    file.write_text("x = 2\n" if way == "update" else "x = 1\n", encoding="utf-8")
    getattr(provider, way)(DIRECTORY, "src", *arguments)
    assert listed(client) == {"clean", "lib/größe.py"}


def exported(client: WorkspaceClient) -> str | None:
    try:
        return base64.b64decode(client.workspace.export(f"{PATH}/lib/größe.py").content or "").decode()
    except NotFound:
        return None


def test_a_file_that_the_workspace_does_not_take_is_named_before_anything_is_made(wire: Wire, source: Path) -> None:
    with (source / "lib" / "big.bin").open("wb") as big:
        big.truncate(MAX_FILE_BYTES + 1)
    said = wire.check(DIRECTORY, "s", {"path": PATH, "source": str(source)})[1]["source"]
    assert "lib/big.bin': it has 524288001 bytes; a file of the workspace may have 524288000 at most" in said


def test_an_import_takes_what_is_in_the_folder(
    provider: Wire, next_provider: Wire, client: WorkspaceClient, source: Path
) -> None:
    inputs = checked(provider, source)
    provider.create(DIRECTORY, "src", inputs)
    resource_id, imported, outputs = next_provider.read(DIRECTORY, "src", PATH)
    assert (resource_id, imported["files"], outputs["files"]) == (PATH, inputs["files"], inputs["files"])
    assert next_provider.diff(DIRECTORY, "src", imported, inputs).changes == provider_pb2.DiffResponse.DIFF_NONE
    client.workspace.mkdirs("/Workspace/empty")
    assert next_provider.read(DIRECTORY, "src", "/Workspace/empty")[1]["files"] == {}
    assert next_provider.read(DIRECTORY, "src", "/Workspace/nowhere")[0] == ""


def test_mistakes_are_named(wire: Wire, source: Path, tmp_path: Path) -> None:
    assert "expected an absolute path" in wire.check(DIRECTORY, "s", {"path": "x", "source": str(source)})[1]["path"]
    assert (
        "there are no files" in wire.check(DIRECTORY, "s", {"path": PATH, "source": str(tmp_path / "no")})[1]["source"]
    )
    (source / "clean").write_text("x", encoding="utf-8")
    assert (
        "two files would stand at 'clean'"
        in wire.check(DIRECTORY, "s", {"path": PATH, "source": str(source)})[1]["source"]
    )
