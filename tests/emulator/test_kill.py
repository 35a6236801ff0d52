"""kill -9 in the middle of many writes: what was acknowledged is there, and nothing is there by half."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.emulator.helpers import JOBS, task

ROUNDS = 100 if os.environ.get("AIRBRICK_HYPOTHESIS") == "matrix" else 5
WRITERS = 4
_START_TIMEOUT_S = 90.0


@dataclass
class Acknowledged:
    """What clients were told, by name."""

    jobs: dict[str, int] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    command = ["emulator", "--port", "0", "--state", str(folder / "state"), "--ready-file", str(ready)]
    with subprocess.Popen([sys.executable, "-m", "airbrick.cli", *command], stdout=subprocess.DEVNULL) as process:
        deadline_s = time.monotonic() + _START_TIMEOUT_S
        while not ready.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
        values = json.loads(ready.read_text(encoding="utf-8"))
        headers = {"Authorization": f"Bearer {values['token']}"}
        try:
            with httpx.Client(base_url=values["host"], headers=headers, timeout=60) as client:
                yield process, client
        finally:
            process.kill()


def write(client: httpx.Client, writer: str, known: Acknowledged, stop: threading.Event) -> None:
    with contextlib.suppress(httpx.HTTPError):
        job_id = told(client, f"{JOBS}/create", {"name": writer, "tasks": [task("t")], "max_concurrent_runs": 1000})
        known.jobs[writer] = job_id["job_id"]
        # A scope holds no more than a thousand secrets.
        told(client, "/api/2.0/secrets/scopes/create", {"scope": writer})
        for count in range(100_000):
            if stop.is_set():
                return
            name = f"{writer}-{count}"
            body = {"job_id": job_id["job_id"], "idempotency_token": name}
            known.runs[name] = told(client, f"{JOBS}/run-now", body)["run_id"]
            content = base64.b64encode(name.encode()).decode()
            told(client, "/api/2.0/workspace/import", {"path": f"/Shared/{name}", "format": "AUTO", "content": content})
            known.files[name] = content
            told(client, "/api/2.0/secrets/put", {"scope": writer, "key": name, "string_value": name})
            known.secrets[name] = content


def told(client: httpx.Client, path: str, body: object) -> dict[str, Any]:
    response = client.post(path, json=body)
    assert response.status_code == 200, response.text
    values = response.json()
    assert isinstance(values, dict)
    return values


def check(client: httpx.Client, known: Acknowledged) -> None:
    held = client.get("/_local/state").json()
    jobs = {job["settings"]["name"]: job["job_id"] for job in held["jobs"]}
    assert known.jobs.items() <= jobs.items()
    for name, run_id in known.runs.items():
        writer = name.rpartition("-")[0]
        run = client.get(f"{JOBS}/runs/get", params={"run_id": run_id}).json()
        assert (run["run_id"], run["job_id"], len(run["tasks"])) == (run_id, known.jobs[writer], 1)
        again = told(client, f"{JOBS}/run-now", {"job_id": known.jobs[writer], "idempotency_token": name})
        assert again["run_id"] == run_id
    for name, content in known.files.items():
        exported = client.get("/api/2.0/workspace/export", params={"path": f"/Shared/{name}"}).json()
        assert exported["content"] == content
    for name, content in known.secrets.items():
        where = {"scope": name.rpartition("-")[0], "key": name}
        found = client.get("/api/2.0/secrets/get", params=where).json()
        assert found["value"] == content
    numbers = [run["run_id"] for run in held["runs"]]
    assert len(numbers) == len(set(numbers))
    assert all(run["tasks"] for run in held["runs"])


def storm(client: httpx.Client, process: subprocess.Popen[bytes], known: Acknowledged, seconds: float, no: int) -> None:
    stop, before = threading.Event(), len(known.runs)
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, client, f"w{no}.{n}", known, stop) for n in range(WRITERS)]
        time.sleep(seconds)
        deadline_s = time.monotonic() + _START_TIMEOUT_S
        while len(known.runs) == before and time.monotonic() < deadline_s:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        stop.set()
        for writer in writers:
            writer.result()


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_no_acknowledged_write_is_lost_and_none_is_there_by_half(tmp_path: Path) -> None:
    dice = random.Random(5)
    known = Acknowledged()
    for number in range(ROUNDS):
        before = len(known.runs)
        with served(tmp_path) as (process, client):
            check(client, sample(known, dice))
            storm(client, process, known, dice.uniform(0.2, 0.6), number)
        assert len(known.runs) > before
    with served(tmp_path) as (_, client):
        check(client, known)


def sample(known: Acknowledged, dice: random.Random) -> Acknowledged:
    """Return the newest of what is known, where a loss would be, and some of the rest."""

    def some(values: dict[str, Any]) -> dict[str, Any]:
        names = [*list(values)[-40:], *dice.sample(list(values), min(20, len(values)))]
        return {name: values[name] for name in names}

    return Acknowledged(known.jobs, some(known.runs), some(known.files), some(known.secrets))
