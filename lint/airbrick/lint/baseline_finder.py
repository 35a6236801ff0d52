"""Where a baseline is looked for; most projects have none, and need not know how one is read."""

from pathlib import Path
from typing import Final

from airbrick.lint.absolute import absolute

FILE_NAME: Final = "airbrick.baseline.json"


def nearest(path: Path) -> Path | None:
    """Give the baseline beside a file or in a folder above it."""
    for folder in absolute(path).parents:
        file = folder / FILE_NAME
        if file.is_file():
            return file
    return None
