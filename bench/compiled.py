"""Python's compiled files, kept: what is measured is not how long it compiles."""

import os
from pathlib import Path


def compiled(folder: Path) -> dict[str, str]:
    """Give an environment in which Python keeps what it has compiled, as it does unless it is told not to.

    :param folder: where it keeps it.
    """
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder)}
