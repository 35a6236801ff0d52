"""Where a path leads, whatever folder it was written in."""

import os
from pathlib import Path


def absolute(path: Path) -> Path:
    """Give a path from the root of the file system, without ``..``; symbolic links stay what they are.

    With ``..`` left in it, the folders above a path would be those it is written through, not those it lies in.
    """
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps ".."
