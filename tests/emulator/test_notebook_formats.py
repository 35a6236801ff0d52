"""Notebooks and folders in the formats of import and export."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from databricks.sdk.errors import InvalidParameterValue, ResourceAlreadyExists
from databricks.sdk.service.workspace import ExportFormat, ImportFormat, Language
from hypothesis import given
from hypothesis import strategies as st
from tests.emulator.helpers import Api

from airbrick.emulator.archives import read_archive
from airbrick.emulator.errors import ApiError
from airbrick.emulator.notebook_formats import (
    read_html,
    read_jupyter,
    read_model,
    write_html,
    write_jupyter,
    write_model,
)
from airbrick.emulator.notebooks import LANGUAGES, as_source, join_cells, split_cells

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

SOURCE = """# Databricks notebook source
# MAGIC %md
# MAGIC # Títle
# MAGIC
# MAGIC text

# COMMAND ----------

print(1)

# COMMAND ----------

# MAGIC %sql
# MAGIC select 1"""
CELLS = ["%md\n# Títle\n\ntext", "print(1)", "%sql\nselect 1"]

line = st.text(st.sampled_from("ab #%-é\t"), max_size=8).filter(lambda text: "COMMAND" not in text)
cell = st.lists(line, min_size=1, max_size=3).map("\n".join).map(lambda text: text.strip("\n"))
languages = st.sampled_from(sorted(LANGUAGES))


def upload(client: WorkspaceClient, path: str, content: bytes | str, kind: ImportFormat) -> None:
    data = content.encode() if isinstance(content, str) else content
    client.workspace.upload(path, io.BytesIO(data), format=kind)


def test_cells_are_split_and_joined() -> None:
    notebook = join_cells("PYTHON", CELLS)
    assert split_cells(notebook) == CELLS
    assert split_cells(notebook._replace(source=SOURCE.encode())) == CELLS
    assert split_cells(notebook._replace(source=SOURCE.replace("\n", "\r\n").encode()))[1] == "print(1)"


@given(languages, st.lists(cell, min_size=1, max_size=4))
def test_cells_survive_every_format(language: str, cells: list[str]) -> None:
    notebook = join_cells(language, cells)
    assert split_cells(notebook) == cells
    assert read_html(write_html(notebook, "n")) == notebook
    assert read_model(write_model(notebook, "n")) == notebook
    read = read_jupyter(write_jupyter(notebook, "n"))
    assert read.language == language
    assert len(split_cells(read)) == len(cells)
    assert read_jupyter(write_jupyter(read, "n")) == read


@given(st.binary(max_size=60) | st.text(max_size=40).map(lambda text: json.dumps({"cells": [text]}).encode()))
def test_anything_is_read_or_refused(content: bytes) -> None:
    for read in (read_jupyter, read_model, read_html):
        with pytest.raises(ApiError):
            read(content)
    for models in (True, False):
        with pytest.raises(ApiError):
            read_archive(content, models=models, limit_bytes=100)


@given(languages, st.binary(max_size=40))
def test_a_header_is_put_once(language: str, content: bytes) -> None:
    once = as_source(language, content)
    assert as_source(language, once) == once


def jupyter(*cells: dict[str, Any], language: str = "python") -> str:
    return json.dumps({"cells": cells, "metadata": {"language_info": {"name": language}}, "nbformat": 4})


def test_a_jupyter_notebook_becomes_a_notebook_and_comes_back(client: WorkspaceClient) -> None:
    document = jupyter(
        {"cell_type": "markdown", "source": ["# Títle\n", "\n", "text"]},
        {"cell_type": "code", "source": "print(1)", "outputs": [{"text": "1"}]},
        {"cell_type": "code", "source": "%sql\nselect 1"},
    )
    upload(client, "/Shared/plain", document, ImportFormat.JUPYTER)
    upload(client, "/Shared/auto.ipynb", document, ImportFormat.AUTO)
    for path in ("/Shared/plain", "/Shared/auto"):
        status = client.workspace.get_status(path)
        assert (status.object_type and status.object_type.value, status.language) == ("NOTEBOOK", Language.PYTHON)
        assert client.workspace.download(path).read().decode() == SOURCE.replace("MAGIC\n", "MAGIC \n")
    exported = client.workspace.export("/Shared/plain", format=ExportFormat.JUPYTER)
    assert exported.file_type == "ipynb"
    cells = json.loads(base64.b64decode(exported.content or ""))["cells"]
    assert [(item["cell_type"], "".join(item["source"])) for item in cells] == [
        ("markdown", "# Títle\n\ntext"),
        ("code", "print(1)"),
        ("code", "%sql\nselect 1"),
    ]


def test_raw_keeps_a_jupyter_notebook_a_file(client: WorkspaceClient) -> None:
    upload(client, "/Shared/raw.ipynb", jupyter(), ImportFormat.RAW)
    status = client.workspace.get_status("/Shared/raw.ipynb")
    assert status.object_type is not None
    assert status.object_type.value == "FILE"


def test_html_shows_the_cells_and_can_be_imported(client: WorkspaceClient) -> None:
    client.workspace.upload("/Shared/n", io.BytesIO(b"print('<b>')"), language=Language.PYTHON)
    page = client.workspace.download("/Shared/n", format=ExportFormat.HTML).read()
    assert b"<pre>print(&#x27;&lt;b&gt;&#x27;)</pre>" in page
    upload(client, "/Shared/copy", page, ImportFormat.HTML)
    assert client.workspace.download("/Shared/copy").read() == client.workspace.download("/Shared/n").read()


@pytest.fixture
def folder(client: WorkspaceClient) -> str:
    client.workspace.mkdirs("/Shared/etl/sub")
    client.workspace.upload("/Shared/etl/a", io.BytesIO(b"print(1)"), language=Language.PYTHON)
    client.workspace.upload("/Shared/etl/sub/b", io.BytesIO(b"select 1"), language=Language.SQL)
    upload(client, "/Shared/etl/data.csv", "x,y", ImportFormat.RAW)
    return "/Shared/etl"


def tree(client: WorkspaceClient, path: str) -> dict[str, bytes]:
    found = client.workspace.list(path, recursive=True)
    return {(item.path or "")[len(path) :]: client.workspace.download(item.path or "").read() for item in found}


@pytest.mark.parametrize(
    ("kinds", "names", "kept"),
    [
        ((ExportFormat.DBC, ImportFormat.DBC), {"etl/a.python", "etl/sub/b.sql"}, {"/a", "/sub/b"}),
        ((ExportFormat.SOURCE, ImportFormat.SOURCE), {"etl/a.py", "etl/sub/b.sql"}, {"/a", "/sub/b"}),
        (
            (ExportFormat.AUTO, ImportFormat.SOURCE),
            {"etl/a.py", "etl/sub/b.sql", "etl/data.csv"},
            {"/a", "/sub/b", "/data.csv"},
        ),
    ],
)
def test_a_folder_goes_out_and_comes_in_as_an_archive(
    client: WorkspaceClient, folder: str, kinds: tuple[ExportFormat, ImportFormat], names: set[str], kept: set[str]
) -> None:
    export, kind = kinds
    archive = client.workspace.download(folder, format=export).read()
    assert set(zipfile.ZipFile(io.BytesIO(archive)).namelist()) == names
    assert client.workspace.download(folder, format=export).read() == archive
    upload(client, "/Shared/copy", archive, kind)
    before = tree(client, folder)
    assert tree(client, "/Shared/copy") == {path: before[path] for path in kept}
    with pytest.raises(ResourceAlreadyExists):
        upload(client, "/Shared/copy", archive, kind)


def test_an_archive_of_one_notebook_is_that_notebook(client: WorkspaceClient, folder: str) -> None:
    archive = client.workspace.download(f"{folder}/a", format=ExportFormat.DBC).read()
    upload(client, "/Shared/one", archive, ImportFormat.DBC)
    assert client.workspace.download("/Shared/one").read() == client.workspace.download(f"{folder}/a").read()


def archived(*files: tuple[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(name, text)
    return buffer.getvalue()


HEADER = "# Databricks notebook source\n"


@pytest.mark.parametrize(
    ("content", "kind", "code", "message"),
    [
        (b"x", "DBC", "INVALID_PARAMETER_VALUE", "not a zip archive"),
        (archived(("a.txt", "x")), "DBC", "INVALID_PARAMETER_VALUE", "no notebook: 'a.txt'"),
        (archived(("a.python", "x")), "DBC", "INVALID_PARAMETER_VALUE", "not a notebook of an archive"),
        (archived(("a.py", HEADER), ("a", "x")), "SOURCE", "INVALID_PARAMETER_VALUE", "two files or folders"),
        (archived(("a", "x"), ("a/b", "x")), "SOURCE", "INVALID_PARAMETER_VALUE", "two files or folders"),
        (archived(("t/../../x", "x"), ("t/y", "x")), "SOURCE", "INVALID_PARAMETER_VALUE", "leads elsewhere"),
        (archived(("/x", "x")), "SOURCE", "INVALID_PARAMETER_VALUE", "leads elsewhere"),
        (archived(("x", "0" * 10_485_761)), "SOURCE", "MAX_NOTEBOOK_SIZE_EXCEEDED", "10485761 bytes"),
        (b"{}", "JUPYTER", "INVALID_PARAMETER_VALUE", "no list of cells"),
        (jupyter({"cell_type": "code"}).encode(), "JUPYTER", "INVALID_PARAMETER_VALUE", "cells[0] has no source"),
        (jupyter(language="julia").encode(), "JUPYTER", "INVALID_PARAMETER_VALUE", "language must be one of PYTHON"),
        (b"<html>", "HTML", "INVALID_PARAMETER_VALUE", "no notebook model"),
    ],
)
def test_content_that_does_not_fit_its_format_is_refused_whole(
    api: Api, content: bytes, kind: str, code: str, message: str
) -> None:
    body = {"path": "/Shared/new", "content": base64.b64encode(content).decode(), "format": kind}
    status, found, text = api.error("POST", "/api/2.0/workspace/import", body)
    assert (status, found) == (400, code)
    assert message in text
    assert api.get("/api/2.0/workspace/list", path="/Shared") == {}


def test_archives_do_not_overwrite(api: Api, client: WorkspaceClient, folder: str) -> None:
    archive = client.workspace.download(folder, format=ExportFormat.DBC).read()
    body = {"path": folder, "content": base64.b64encode(archive).decode(), "format": "DBC", "overwrite": True}
    assert "overwrite is not supported" in api.error("POST", "/api/2.0/workspace/import", body)[2]


def test_only_notebooks_have_formats_of_notebooks(client: WorkspaceClient, folder: str) -> None:
    for kind in (ExportFormat.HTML, ExportFormat.JUPYTER, ExportFormat.DBC):
        with pytest.raises(InvalidParameterValue, match="Only a notebook can be exported"):
            client.workspace.download(f"{folder}/data.csv", format=kind)
    with pytest.raises(InvalidParameterValue, match="A folder can only be exported in format"):
        client.workspace.download(folder, format=ExportFormat.HTML)
