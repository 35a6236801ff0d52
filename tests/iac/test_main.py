"""The plugin as a process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("pulumi-resource-airbrick")
ENGINE = f"""
import subprocess, sys, time
plugin = subprocess.Popen([{str(PROGRAM)!r}, *sys.argv[1:]], stdout=subprocess.PIPE, text=True)
print(plugin.pid, plugin.stdout.readline(), flush=True)
time.sleep(600)
"""


def orphan(*arguments: str) -> int:
    """Start the plugin as an engine does, kill the engine, and give the plugin's process id."""
    with subprocess.Popen([sys.executable, "-c", ENGINE, *arguments], stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdout is not None
        pid = int(engine.stdout.readline().split()[0])
        engine.kill()
    return pid


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ends(pid: int, *, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_running(pid)


def test_the_plugin_ends_after_an_engine_that_was_killed() -> None:
    assert ends(orphan("127.0.0.1:1"), within_s=60)


def test_a_plugin_started_by_hand_stays_until_it_is_told() -> None:
    pid = orphan()
    assert not ends(pid, within_s=3)
    os.kill(pid, signal.SIGTERM)
    assert ends(pid, within_s=60)
