import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tools.demo.errors import CommandError, ServiceError
from tools.demo.processes import Processes, end_marked, explain

PYTHON = [sys.executable, "-I", "-c"]
# Leaves its group, ignores polite signals, and says when it is up.
STUBBORN = """
import os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork():
    time.sleep(600)
os.setsid()
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
time.sleep(600)
"""


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    started = Processes(f"test-{os.getpid()}-{tmp_path.name}", tmp_path, grace_s=0.3)
    yield started
    started.stop_all()


def run(processes: Processes, script: str, **named: object) -> str:
    options = {"environ": os.environ, "cwd": processes.logs, "timeout_s": 30.0, **named}
    return processes.run("program", [*PYTHON, script], **options)  # type: ignore[arg-type]


def wait_for(path: Path) -> str:
    ticking = threading.Event()
    for _ in range(600):
        if path.exists() and (text := path.read_text()):
            return text
        ticking.wait(0.05)
    raise AssertionError(f"{path} was not written")


def test_gives_the_output_and_logs_the_rest(processes: Processes) -> None:
    answer = run(processes, "import sys; print(sys.stdin.read()); print('careful', file=sys.stderr)", text="日本")
    assert answer == "日本\n"
    assert (processes.logs / "program.log").read_text() == "careful\n"


def test_a_failure_says_what_went_wrong_and_where_to_read_on(processes: Processes) -> None:
    with pytest.raises(
        CommandError, match=r"program failed with exit code 1: ValueError: no such day \(log: .*program"
    ):
        run(processes, "raise ValueError('no such day')")


def test_an_accepted_exit_code_is_no_failure(processes: Processes) -> None:
    assert run(processes, "print('found'); raise SystemExit(1)", accepted=(0, 1)) == "found\n"


def test_a_program_that_hangs_is_ended(processes: Processes) -> None:
    with pytest.raises(CommandError, match="not finished after 1 s"):
        run(processes, "import time; time.sleep(600)", timeout_s=1.0)
    assert not list(_marked(processes))


def test_a_missing_program_is_named(processes: Processes) -> None:
    with pytest.raises(CommandError, match="/no/such/program: No such file"):
        processes.run("gone", ["/no/such/program"], environ={}, cwd=processes.logs, timeout_s=1.0)
    with pytest.raises(ServiceError, match=r"gone did not start: No such file or directory: /no/such/program"):
        processes.start("gone", ["/no/such/program"], environ={}, cwd=processes.logs)


def test_a_server_that_ended_is_noticed(processes: Processes) -> None:
    service = processes.start(
        "server", [*PYTHON, "raise OSError('address already in use')"], environ=os.environ, cwd=processes.logs
    )
    service.process.wait(timeout=30)
    with pytest.raises(ServiceError, match=r"server ended with exit code 1: OSError: address already in use \(log: "):
        processes.check()


def test_children_in_groups_of_their_own_are_ended_too(processes: Processes) -> None:
    up = processes.logs / "up"
    processes.start("server", [*PYTHON, STUBBORN, str(up)], environ=os.environ, cwd=processes.logs)
    child = int(wait_for(up))
    assert child in _marked(processes)
    processes.check()
    processes.stop_all()
    assert not _marked(processes)
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_what_a_killed_run_left_can_be_ended_later(processes: Processes) -> None:
    up = processes.logs / "up"
    service = processes.start("server", [*PYTHON, STUBBORN, str(up)], environ=os.environ, cwd=processes.logs)
    wait_for(up)
    service.process.send_signal(signal.SIGKILL)
    service.process.wait(timeout=30)
    assert _marked(processes)
    end_marked(processes.run_id)
    assert not _marked(processes)


def test_other_runs_are_left_alone(processes: Processes, tmp_path: Path) -> None:
    up = tmp_path / "up"
    processes.start("server", [*PYTHON, STUBBORN, str(up)], environ=os.environ, cwd=tmp_path)
    wait_for(up)
    end_marked("another-run")
    assert len(_marked(processes)) == 2


def _marked(processes: Processes) -> set[int]:
    found = set()
    for process in psutil.process_iter():
        try:
            if process.environ().get("AIRBRICK_DEMO_RUN") == processes.run_id:
                found.add(process.pid)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("", ""),
        ("\n\n", ""),
        ("starting\nready", "ready"),
        ("error: no engine\nsee the log", "error: no engine"),
        ("[error    ] address in use\n[info ] shutdown [uvicorn.error]", "[error    ] address in use"),
        ("Traceback\n  ValueError: first\nKeyError: second\nbye", "KeyError: second"),
    ],
)
def test_the_explaining_line_is_found(output: str, line: str) -> None:
    assert explain(output) == line
