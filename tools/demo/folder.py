"""The folder of a run: what is in it, who may read it, and what stays."""

from __future__ import annotations

import contextlib
import fcntl
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.demo.errors import BusyError
from tools.demo.processes import end_marked

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).resolve().parents[2]
_PRIVATE = 0o700


@dataclass(frozen=True)
class RunFolder:
    """Where one run keeps its files.

    :param root: the folder; everything in it belongs to the demo
    """

    root: Path

    @property
    def logs(self) -> Path:
        """One log per program, and Airflow's task logs. Stays after the run."""
        return self.root / "logs"

    @property
    def data(self) -> Path:
        """The job's input and output. Stays after the run."""
        return self.root / "data"

    @property
    def work(self) -> Path:
        """Databases, state and credentials. Removed after the run."""
        return self.root / "run"

    @property
    def stack(self) -> Path:
        """A copy of the example stack, so that a run leaves no file in the sources."""
        return self.work / "stacks"

    @contextlib.contextmanager
    def occupied(self) -> Iterator[str]:
        """Take the folder for one run: end what a killed run left, empty the folder, and clear credentials at the end.

        :return: the run's id
        :raises BusyError: when another run has it
        """
        self.root.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        with (self.root / "run-id").open("a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BusyError(self.root) from None
            file.seek(0)
            if killed := file.read().strip():
                end_marked(killed)
            run_id = secrets.token_hex(8)
            file.truncate(0)
            file.write(run_id)
            file.flush()
            self._empty()
            try:
                yield run_id
            finally:
                shutil.rmtree(self.work, ignore_errors=True)
                file.truncate(0)

    def _empty(self) -> None:
        for folder in (self.logs, self.data, self.work):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=_PRIVATE)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
