import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from tools.demo import cli
from tools.demo.folder import REPOSITORY

DEMO = REPOSITORY / "tools" / "demo"
# The demo with its steps replaced by one that starts a server and waits for a signal.
WAITING = f"""
import sys, time
sys.path.insert(0, {str(REPOSITORY)!r})
from pathlib import Path
from tools.demo import cli
def play(stage, display):
    stage.processes.start("server", [sys.executable, "-c", "import time; time.sleep(600)"],
                          environ=stage.environ, cwd=stage.folder.work)
    print("up", flush=True)
    time.sleep(600)
cli.play, cli.ROOT = play, Path(sys.argv[1])
sys.exit(cli.main([]))
"""


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    folder = tmp_path / "engine"
    folder.mkdir()
    for name, line in (("pulumi", "echo v3.259.0"), ("pulumi-language-python", "exit 0")):
        (folder / name).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_process(tmp_path: Path, engine: Path, number: signal.Signals) -> None:
    root = tmp_path / "demo"
    environ = {**os.environ, "PATH": f"{engine}{os.pathsep}{os.environ['PATH']}"}
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, str(root)], env=environ, stdout=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout is not None
        assert demo.stdout.readline() == "up\n"
        [server] = psutil.Process(demo.pid).children()
        demo.send_signal(number)
        # An impatient user presses Ctrl-C twice.
        threading.Event().wait(0.05)
        demo.send_signal(number)
        said = demo.stdout.read()
        assert demo.wait(timeout=30) == 130
    assert "interrupted: every process is ended" in said
    assert not server.is_running()
    assert not (root / "run").exists()


def test_a_machine_without_an_engine_gets_one_clear_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "ROOT", tmp_path / "demo")
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    closed = {"https_proxy": "http://127.0.0.1:9", "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    for name, value in {**closed, "PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(name, value)
    assert cli.main([]) == 1
    said = capsys.readouterr().out
    assert "error: the Pulumi engine is not available. Three ways were tried" in said
    assert "https://www.pulumi.com/docs/install/" in said
    assert "Traceback" not in said
