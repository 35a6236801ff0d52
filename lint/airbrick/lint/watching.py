"""``--watch``: doing something again whenever a file changes."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

INTERVAL_S: Final = 0.5
"""Between two looks at the files."""

State = dict[Path, tuple[int, int]]


def state_of(paths: Iterable[Path]) -> State:
    """Give size and time of change of files, and of the folders and configurations around them."""
    files = list(paths)
    folders = {folder for path in files for folder in (path.absolute().parent, path.absolute().parent.parent)}
    around = [Path.cwd(), *folders, *(folder / name for folder in folders for name in _CONFIGURATIONS)]
    return {path: stamp for path in (*files, *around) if (stamp := _stamp(path)) is not None}


_CONFIGURATIONS: Final = ("pyproject.toml", "airbrick.toml")


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def watch(
    once: Callable[[], list[Path]],
    *,
    pause: Callable[[float], None] = time.sleep,
    more: Callable[[], bool] = lambda: True,
) -> None:
    """Do something now, and again whenever a file it looked at changes.

    :param once: does it, and gives the files it looked at.
    :param pause: waits for some seconds.
    :param more: tells whether to go on.
    """
    paths = once()
    before = state_of(paths)
    while more():
        pause(INTERVAL_S)
        now = state_of(paths)
        if now != before:
            paths = once()
            before = state_of(paths)
