"""The peer of ``bench.emulator``: minilake, an emulator of Databricks, in an environment of its own."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.table import ROOT

VERSION = "1.9.0"
RUNS = 100
_START_S = 60.0
_JOB = {"name": "nightly", "tasks": [{"task_key": "clean", "notebook_task": {"notebook_path": "/Shared/none"}}]}


def install() -> Path | None:
    """Return the peer's program; None when its packages cannot be had."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "airbrick"
    home = cache / f"minilake-{VERSION}"
    program = home / "bin" / "minilake"
    uv = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    if not program.exists():
        commands = (
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home)],
            [uv, "pip", "install", "--quiet", "--python", str(home / "bin" / "python"), f"minilake=={VERSION}"],
        )
        try:
            for command in commands:
                subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return None
    return program


@contextmanager
def peer(program: Path) -> Iterator[tuple[str, int, list[int]]]:
    """Run the peer on core 0; give its address, its process and the ids of runs that are over."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    host = f"http://127.0.0.1:{port}"
    command = ["taskset", "-c", "0", str(program), "--port", str(port)]
    with (
        # It writes into the folder in which it is started.
        tempfile.TemporaryDirectory() as home,
        subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process,
    ):
        try:
            with httpx.Client(base_url=f"{host}/api/2.2/jobs", timeout=60) as http:
                _wait(http)
                job_id = http.post("/create", json=_JOB).json()["job_id"]
                runs = [int(http.post("/run-now", json={"job_id": job_id}).json()["run_id"]) for _ in range(RUNS)]
            yield host, process.pid, runs
        finally:
            process.kill()


def _wait(http: httpx.Client) -> None:
    deadline_s = time.monotonic() + _START_S
    while True:
        try:
            http.get("/list")
        except httpx.TransportError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.1)
        else:
            return
