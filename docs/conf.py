"""Sphinx configuration."""

from importlib import metadata

project = "airbrick"
author = "The airbrick authors"
copyright = author  # noqa: A001 -- the name Sphinx reads
release = metadata.version("airbrick")
extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
html_theme = "furo"
html_title = f"airbrick {release}"
