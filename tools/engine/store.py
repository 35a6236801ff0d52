"""The cache of engines: whole or absent, one builder at a time."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.engine import pins
from tools.engine.probe import is_complete, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.engine.machine import Machine
    from tools.engine.progress import Progress

_UNFINISHED = ".unfinished-"
_RECIPE_DIGITS = 12


@dataclass(frozen=True)
class Store:
    """Where the cache keeps an engine.

    :param machine: whose cache it is
    :param recipe: fingerprint of what an engine is built from; each recipe has a place of its own, so that two
        checkouts do not build over each other
    """

    machine: Machine
    recipe: str

    def folder(self, *, built: bool) -> Path:
        """Give the place of an engine, whether or not it is there.

        :param built: whether it comes from this recipe, not from Pulumi's release
        """
        name = f"{pins.PULUMI_VERSION}-{self.machine.platform}"
        return self.machine.cache_root / (f"{name}-{self.recipe[:_RECIPE_DIGITS]}" if built else name)

    def find(self) -> Path | None:
        """Find the engine.

        :return: its folder; None when it is absent or does not run
        """
        for folder in (self.folder(built=False), self.folder(built=True)):
            if is_complete(folder) and version_of(folder / "pulumi", "version", machine=self.machine) == (
                pins.PULUMI_VERSION
            ):
                return folder
        return None

    @contextlib.contextmanager
    def lock(self, progress: Progress) -> Iterator[None]:
        """Keep other processes from making the same engine; the system frees the lock of a killed process.

        :param progress: told when there is somebody to wait for
        """
        self.machine.cache_root.mkdir(parents=True, exist_ok=True)
        with (self.machine.cache_root / ".lock").open("w", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                progress.say("another process is getting the engine: waiting for it")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def workshop(self) -> Iterator[Path]:
        """Lend an empty folder on the cache's file system, and remove it whatever happens. Needs the lock."""
        for leftover in self.machine.cache_root.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.machine.cache_root))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, finished: Path, *, built: bool) -> Path:
        """Move a finished engine to its place in one step. Needs the lock.

        :param finished: folder in the workshop that holds every one of :data:`pins.BINARIES`
        :param built: whether it came from this recipe, not from Pulumi's release
        :return: its folder
        """
        folder = self.folder(built=built)
        if folder.exists():
            folder.rename(finished.with_name("replaced"))
        finished.rename(folder)
        return folder
