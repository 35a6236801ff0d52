"""The official provider in an environment of its own, made once from its lock and kept in the user's cache."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from airbrick.emulator import Emulator

ROOT = Path(__file__).parents[3]
LOCK = ROOT / "requirements" / "provider.txt"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "airbrick"
DRIVER = Path(__file__).with_name("driver.py")


class ProviderError(Exception):
    """The provider raised.

    :param name: class of its error
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name


def python_with_provider() -> Path:
    """Return the interpreter of the provider's environment.

    :raises OSError: uv is missing
    :raises subprocess.CalledProcessError: its packages cannot be had
    """
    return python_of(LOCK)


def python_of(lock_file: Path) -> Path:
    """Return the interpreter of a lock's environment.

    :raises OSError: uv is missing
    :raises subprocess.CalledProcessError: its packages cannot be had
    """
    key = hashlib.sha256(lock_file.read_bytes() + sys.version.encode()).hexdigest()[:16]
    home = CACHE / f"{lock_file.stem}-{key}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{lock_file.stem}.lock").open("w") as lock:
        # Other workers of this run want it at the same time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "bin" / "python").exists():
            _make(home, lock_file)
    return home / "bin" / "python"


def packages_of(lock_file: Path) -> Path:
    """Return the folder of a lock's packages; raises as :func:`python_of`."""
    (packages,) = (python_of(lock_file).parents[1] / "lib").glob("python3*/site-packages")
    return packages


def _make(home: Path, lock_file: Path) -> None:
    uv = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=f"{lock_file.stem}-") as half:
        made = Path(half) / "environment"
        _run(uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, str(made))
        python = str(made / "bin" / "python")
        _run(uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, str(lock_file))
        made.rename(home)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=900)


@dataclass
class Provider:
    """The provider in a process of its own.

    :param environment: variables that tell it the connection
    """

    process: subprocess.Popen[str]
    environment: dict[str, str]

    def call(self, method: str, *arguments: object) -> Any:
        """Call a method of its hook."""
        return self.ask("call", method, list(arguments))

    def call_async(self, method: str, *arguments: object) -> Any:
        """Call a coroutine of its hook."""
        return self.ask("call_async", method, list(arguments))

    def run_deferred(self, **options: object) -> Any:
        """Run its deferrable operator with its trigger."""
        return self.ask("run_deferred", options)

    def ask(self, operation: str, *arguments: object) -> Any:
        """Send a request and return its value.

        :raises ProviderError: the provider raised
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        request = {"operation": operation, "arguments": arguments, "environment": self.environment}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise ProviderError(answer["error"], answer["message"])
        return answer["value"]


def start(home: Path, more: dict[str, str]) -> subprocess.Popen[str]:
    """Start the driver.

    :param home: folder for Airflow's own files
    :param more: further variables; aiohttp reads SSL_CERT_FILE when it is imported, and never again
    """
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "PYTHONWARNINGS": "ignore",
        **more,
    }
    log = (home / "driver.log").open("w")
    with log:
        return subprocess.Popen(
            [str(python_with_provider()), str(DRIVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
        )


@contextmanager
def running(home: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    try:
        process = start(home, environment)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"needs the packages of requirements/provider.txt: {getattr(error, 'stderr', None) or error}")
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def connection(host: str, token: str) -> dict[str, str]:
    address = urlsplit(host)
    values = {"host": address.hostname, "port": address.port, "schema": address.scheme, "password": token}
    return {"AIRFLOW_CONN_DATABRICKS_DEFAULT": json.dumps({"conn_type": "databricks", **values})}


class Passing(threading.Thread):
    """Lets time pass at each poll of a run, for a trigger that waits for its end."""

    def __init__(self, workspace: Emulator) -> None:
        super().__init__(daemon=True)
        self._workspace = workspace
        self._over = threading.Event()
        self._seen = 0

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        while not self._over.wait(0.02):
            polls = len(self._workspace.requests("GET", "*/runs/get"))
            if polls > self._seen:
                self._seen = polls
                self._workspace.advance(1)
