"""Sphinx configuration."""

import shutil
from importlib import metadata
from pathlib import Path
from typing import Any

from airbrick.lint.keys import KEYS
from airbrick.lint.registry import built_in_rules
from airbrick.lint.report.pages import rule_page

project = "airbrick"
author = "The airbrick authors"
copyright = author  # noqa: A001 -- the name Sphinx reads
release = metadata.version("airbrick")
extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "reference/generated/keys.md"]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
html_theme = "furo"
html_title = f"airbrick {release}"


def _write_reference(_app: object) -> None:
    """Write a page for each rule of the linter, from the rule itself, and a table of the keys it reads."""
    folder = Path(__file__).parent / "reference" / "generated"
    rules = folder / "rules"
    shutil.rmtree(rules, ignore_errors=True)
    rules.mkdir(parents=True)
    for rule in built_in_rules():
        (rules / f"{rule.code}.md").write_text(rule_page(rule), encoding="utf-8")
    rows = [f"| `{name}` | {key.summary} |" for name, key in KEYS.items()]
    table = "\n".join(["| key | what it says |", "| --- | --- |", *rows])
    (folder / "keys.md").write_text(f"{table}\n", encoding="utf-8")


def setup(app: Any) -> None:  # noqa: ANN401 -- Sphinx's application
    """Register the hook that Sphinx calls before it reads."""
    app.connect("builder-inited", _write_reference)
