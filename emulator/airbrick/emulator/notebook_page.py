"""A notebook's run as a page that stands by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbrick.emulator.html import Markup, join, tag
from airbrick.emulator.notebooks import Notebook, split_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airbrick.emulator.files import FileTree


def notebook_page(path: str, files: FileTree, output: Mapping[str, Any]) -> str:
    """Return a page with a notebook's cells, as the workspace has them now, and what its run left behind.

    :param path: the notebook's path
    :param output: fields of runs/get-output
    """
    found = files.find(path) if path.startswith("/") else None
    if found is None or found.language is None:
        cells = [tag("p", "The notebook is not in the workspace.")]
    else:
        cells = [tag("pre", cell) for cell in split_cells(Notebook(found.language, found.content)) if cell]
    results = [tag("pre", str(output[name])) for name in ("logs", "error", "error_trace") if output.get(name)]
    result = output.get("notebook_output", {}).get("result")
    if result is not None:
        results.append(tag("pre", f"Notebook exited: {result}"))
    name = path.rpartition("/")[2]
    head = tag("head", Markup('<meta charset="utf-8">'), tag("title", name))
    return "<!DOCTYPE html>" + tag("html", head, tag("body", tag("h1", name), join(*cells, *results)))
