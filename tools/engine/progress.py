"""Say on standard error what is happening and for how long."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_LINE_EVERY_S = 15.0
_KILL_AFTER_S = 5.0


@dataclass
class Progress:
    """Lines with the elapsed time.

    :param stream: where the lines go
    :param clock: seconds on a clock that never goes back
    """

    stream: TextIO
    clock: Callable[[], float]
    _started_s: float = field(init=False)
    _last_line_s: float = field(init=False)

    def __post_init__(self) -> None:
        self._started_s = self._last_line_s = self.clock()

    def say(self, text: str) -> None:
        """Print one line."""
        self._last_line_s = self.clock()
        print(f"[{self._last_line_s - self._started_s:4.0f} s] {text}", file=self.stream, flush=True)

    def still(self, text: str) -> None:
        """Print one line, unless the last one was printed a moment ago."""
        if self.clock() - self._last_line_s >= _LINE_EVERY_S:
            self.say(text)


def run_long(
    command: Sequence[str], *, environ: Mapping[str, str], cwd: Path, log: Path, progress: Progress, doing: str
) -> int:
    """Run a program that takes minutes, with its output in a file and a line of progress now and then.

    When the caller is interrupted, the program and all that it started are ended too.

    :param command: program and arguments
    :param environ: its whole environment
    :param cwd: its working folder
    :param log: file that its output is added to
    :param progress: where to say that it still runs
    :param doing: what to say
    :return: its exit code
    :raises OSError: when it does not start
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env=dict(environ), cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
        try:
            while True:
                try:
                    return process.wait(timeout=1.0)
                except subprocess.TimeoutExpired:
                    progress.still(doing)
        finally:
            _end_group(process)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    # The leader's end says nothing of its children: the second signal is for those that did not heed the first.
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_KILL_AFTER_S)


def tail(log: Path, lines: int = 5) -> str:
    """Give the last lines of a log, for an error message."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return " | ".join(line.strip() for line in text.splitlines()[-lines:] if line.strip())
