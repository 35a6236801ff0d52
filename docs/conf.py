"""Sphinx configuration."""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

project = "airbrick"
author = "The airbrick authors"
copyright = author  # noqa: A001 -- the name Sphinx reads
release = metadata.version("airbrick")
extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "reference/generated"]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
html_theme = "furo"
html_title = f"airbrick {release}"


def _write_rules(_app: object) -> None:
    """Write a section for each rule of the linter, from the rule itself."""
    listed = subprocess.run(
        [sys.executable, "-m", "airbrick.cli", "rule", "--all", "--output-format", "json"],
        capture_output=True,
        text=True,
        check=True,
    )
    folder = Path(__file__).parent / "reference" / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    sections = [_section(rule) for rule in json.loads(listed.stdout)]
    (folder / "rules.md").write_text("\n".join(sections), encoding="utf-8")


def _section(rule: dict[str, Any]) -> str:
    parts = [f"### {rule['code']} {rule['name']}", rule["summary"] + ".", rule["why"]]
    parts.append(f"Severity: {rule['severity']}. Fix: {rule['fix'] or 'none'}.")
    for title, key in (("Reported", "bad"), ("Not reported", "good")):
        for example in rule[key]:
            options = f", with {json.dumps(example['config'])}" if example["config"] else ""
            parts.append(f"{title}{options}:\n\n```python\n{example['code']}```")
    return "\n\n".join(parts) + "\n"


def setup(app: Any) -> None:  # noqa: ANN401 -- Sphinx's application
    """Register the hook that Sphinx calls before it reads."""
    app.connect("builder-inited", _write_rules)
