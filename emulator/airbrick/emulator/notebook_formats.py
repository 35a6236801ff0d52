"""Notebooks in the formats that the workspace imports and exports: Jupyter, HTML, and the model inside archives."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import orjson

from airbrick.emulator.errors import invalid_parameter
from airbrick.emulator.notebooks import LANGUAGES, Notebook, join_cells, split_cells

_DATABRICKS_METADATA = "application/vnd.databricks.v1+notebook"
_MODEL_IN_HTML = re.compile(rb"__DATABRICKS_NOTEBOOK_MODEL\s*=\s*['\"]([A-Za-z0-9+/=]+)['\"]")
_MARKDOWN = "%md"


class Format(NamedTuple):
    """How notebooks are read and written.

    :param read: makes a notebook of a file's bytes
    :param write: makes a file's bytes of a notebook and its name
    """

    extension: str
    read: Callable[[bytes], Notebook]
    write: Callable[[Notebook, str], bytes]


def read_jupyter(content: bytes) -> Notebook:
    """Return the notebook in an ``.ipynb`` file; outputs are dropped.

    :raises ApiError: 400, it is none, or its language has no notebooks
    """
    document = _json_object(content, "a Jupyter notebook")
    cells = document.get("cells")
    if not isinstance(cells, list):
        raise invalid_parameter("content is not a Jupyter notebook of version 4: it has no list of cells")
    return join_cells(_jupyter_language(document), [_jupyter_cell(cell, place) for place, cell in enumerate(cells)])


def write_jupyter(notebook: Notebook, name: str) -> bytes:
    """Return the notebook as an ``.ipynb`` file."""
    language = notebook.language.lower()
    document = {
        "cells": [_as_jupyter_cell(cell) for cell in split_cells(notebook)],
        "metadata": {
            _DATABRICKS_METADATA: {"language": language, "notebookName": name},
            "language_info": {"name": language},
        },
        "nbformat": 4,
        "nbformat_minor": 0,
    }
    return json.dumps(document, indent=1).encode()


def read_model(content: bytes) -> Notebook:
    """Return the notebook in a model as Databricks archives hold it.

    :raises ApiError: 400, it is none
    """
    model = _json_object(content, "a notebook of an archive")
    commands = model.get("commands")
    if not isinstance(commands, list) or not all(isinstance(item, dict) for item in commands):
        raise invalid_parameter("content is not a notebook of an archive: it has no list of commands")
    ordered = sorted(commands, key=lambda item: _number(item.get("position")))
    texts = [item.get("command") for item in ordered]
    if not all(isinstance(text, str) for text in texts):
        raise invalid_parameter("content is not a notebook of an archive: a command is no string")
    return join_cells(_language(model.get("language")), [text for text in texts if isinstance(text, str)])


def write_model(notebook: Notebook, name: str) -> bytes:
    """Return the notebook as a model for Databricks archives."""
    commands = [
        {"version": "CommandV1", "commandType": "auto", "position": float(place), "command": cell}
        for place, cell in enumerate(split_cells(notebook), start=1)
    ]
    model = {"version": "NotebookV1", "name": name, "language": notebook.language.lower(), "commands": commands}
    return json.dumps(model).encode()


def read_html(content: bytes) -> Notebook:
    """Return the notebook in an HTML file that Databricks or :func:`write_html` made.

    :raises ApiError: 400, there is none in it
    """
    found = _MODEL_IN_HTML.search(content)
    if found is None:
        raise invalid_parameter("content is not an HTML export of a notebook: it holds no notebook model")
    try:
        return read_model(unquote(base64.b64decode(found.group(1), validate=True).decode("ascii")).encode())
    except (binascii.Error, UnicodeDecodeError):
        raise invalid_parameter("content is not an HTML export of a notebook: its model is damaged") from None


def write_html(notebook: Notebook, name: str) -> bytes:
    """Return the notebook as a page that a browser shows and that can be imported."""
    model = base64.b64encode(quote(write_model(notebook, name)).encode()).decode()
    script = f"<script>var __DATABRICKS_NOTEBOOK_MODEL = '{model}';</script>"
    cells = "\n".join(f"<pre>{html.escape(cell)}</pre>" for cell in split_cells(notebook))
    title = html.escape(name)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body><h1>{title}</h1>\n{cells}\n{script}</body></html>\n"
    ).encode("utf-8", "replace")


FORMATS = {
    "JUPYTER": Format(".ipynb", read_jupyter, write_jupyter),
    "HTML": Format(".html", read_html, write_html),
}


def _json_object(content: bytes, what: str) -> dict[str, Any]:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise invalid_parameter(f"content is not {what}: {error.msg} at line {error.lineno}") from None
    if not isinstance(document, dict):
        raise invalid_parameter(f"content is not {what}: it is no JSON object")
    return document


def _jupyter_language(document: dict[str, Any]) -> str:
    metadata = document.get("metadata")
    for place, key in ((_DATABRICKS_METADATA, "language"), ("language_info", "name"), ("kernelspec", "language")):
        found = metadata.get(place) if isinstance(metadata, dict) else None
        if isinstance(found, dict) and found.get(key):
            return _language(found[key])
    return "PYTHON"


def _language(name: object) -> str:
    upper = name.upper() if isinstance(name, str) else ""
    if upper not in LANGUAGES:
        raise invalid_parameter(f"the notebook's language must be one of {', '.join(LANGUAGES)}; it is {name!r:.40}")
    return upper


def _jupyter_cell(cell: object, place: int) -> str:
    source = cell.get("source") if isinstance(cell, dict) else None
    lines = [source] if isinstance(source, str) else source
    if not isinstance(cell, dict) or not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise invalid_parameter(f"content is not a Jupyter notebook: cells[{place}] has no source")
    text = "".join(lines)
    return text if cell.get("cell_type") == "code" else f"{_MARKDOWN}\n{text}"


def _as_jupyter_cell(cell: str) -> dict[str, Any]:
    magic, _, rest = cell.partition("\n")
    word, _, same_line = magic.partition(" ")
    if word == _MARKDOWN:
        text = "\n".join(part for part in (same_line, rest) if part)
        return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}
    code: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    return code | {"source": cell.splitlines(keepends=True)}


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
