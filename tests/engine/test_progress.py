import io
import os
import sys
import time
from pathlib import Path

import psutil
import pytest
from tests.engine.helpers import Clock
from tools.engine.progress import Progress, run_long, tail


def test_a_line_has_the_elapsed_time(progress: Progress, clock: Clock, said: io.StringIO) -> None:
    clock.now_s = 75.4
    progress.say("building")
    assert said.getvalue() == "[  75 s] building\n"


def test_still_running_is_said_now_and_then(progress: Progress, clock: Clock, said: io.StringIO) -> None:
    for clock.now_s in range(60):
        progress.still("building")
    assert len(said.getvalue().splitlines()) == 3


def test_returns_the_exit_code_and_keeps_the_output(progress: Progress, tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = run_long(
        ["/bin/sh", "-c", "echo out; echo err >&2; exit 3"],
        environ=os.environ, cwd=tmp_path, log=log, progress=progress, doing="waiting",
    )  # fmt: skip
    assert code == 3
    assert sorted(log.read_text(encoding="utf-8").split()) == ["err", "out"]


def test_an_interrupt_ends_the_program_and_its_children(progress: Progress, clock: Clock, tmp_path: Path) -> None:
    pid = tmp_path / "pid"

    class Interrupting(io.StringIO):
        def write(self, _text: str) -> int:
            deadline_s = time.monotonic() + 60
            while not (pid.exists() and pid.read_text()) and time.monotonic() < deadline_s:
                time.sleep(0.01)
            raise KeyboardInterrupt

    progress.stream = Interrupting()
    clock.now_s = 100.0
    script = f"import os, pathlib, time; pathlib.Path({str(pid)!r}).write_text(str(os.getpid()))"
    with pytest.raises(KeyboardInterrupt):
        run_long(
            ["/bin/sh", "-c", f'"{sys.executable}" -c "{script}; time.sleep(600)" & wait'],
            environ=os.environ, cwd=tmp_path, log=tmp_path / "log", progress=progress, doing="waiting",
        )  # fmt: skip
    child = int(pid.read_text())
    assert _ends(child)


def _ends(pid: int) -> bool:
    """The system ends a killed process in its own time; its parent may leave it as a zombie."""
    try:
        _, alive = psutil.wait_procs([psutil.Process(pid)], timeout=10)
    except psutil.NoSuchProcess:
        return True
    return all(process.status() == psutil.STATUS_ZOMBIE for process in alive)


def test_the_tail_of_a_log_is_one_line(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"1\n2\n3\n\xff\n")
    assert tail(log, lines=2) == "3 | �"
    assert tail(tmp_path / "absent") == ""
