"""The emulator under load: server on one core, wrk on another, beside the floor that its web server sets."""

import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from bench.compiled import compiled
from bench.emulator_peer import RUNS, VERSION, install, peer
from bench.table import RESULTS, ROOT, Comparison, report

ACTIVE, FINISHED, JOBS, ROUNDS, SECONDS, CONNECTIONS = 10_000, 100_000, 200, 5, 5, 64
WARM_UP_S = 1
API = "/api/2.2/jobs"
TASKS = [
    {"task_key": "clean", "notebook_task": {"notebook_path": "/Shared/clean"}},
    {
        "task_key": "load",
        "notebook_task": {"notebook_path": "/Shared/load"},
        "depends_on": [{"task_key": "clean"}],
    },
]
LUA = """
local lines = {}
for line in io.lines(%(ids)s) do lines[#lines + 1] = line end
math.randomseed(7)
request = function()
  local id = lines[math.random(#lines)]
  local path, body = %(path)s, %(body)s
  local headers = {Authorization = "Bearer " .. %(token)s}
  return wrk.format(%(method)s, (path:gsub("ID", id)), headers, body and (body:gsub("ID", id)))
end
done = function(summary, latency, requests)
  local errors = summary.errors
  print(string.format("RESULT %%d %%d %%f %%d", summary.requests, summary.duration, latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server on core 0."""

    host: str
    token: str
    pid: int = 0

    def client(self) -> httpx.Client:
        """Return a client that is signed in."""
        return httpx.Client(base_url=self.host, headers={"Authorization": f"Bearer {self.token}"}, timeout=60)

    def cpu_s(self) -> float:
        """Return the processor time that it took so far."""
        return _cpu_s(self.pid)

    def rss_mb(self) -> float:
        """Return its resident memory."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", text)
        assert found
        return int(found[1]) / 1024


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw.

    :param cpu_s: processor time that the server took meanwhile; other work on the machine does not change it
    """

    requests: int
    seconds: float
    p99_ms: float
    cpu_s: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds

    @property
    def cpu_us(self) -> float:
        """Processor time of a request."""
        return self.cpu_s / self.requests * 1e6


def _cpu_s(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def server(kind: str) -> Iterator[Server]:
    """Run a server."""
    command = ["taskset", "-c", "0", sys.executable, str(Path(__file__).with_name("emulator_server.py")), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Server(pid=process.pid, **json.loads(process.stdout.readline()))
        finally:
            process.kill()


def wrk(target: Server, method: str, path: str, ids: list[int], body: str | None = None) -> Load:
    """Put a server under load.

    :param path: with ``ID`` where one of the ids stands; ``body`` likewise
    """
    with tempfile.TemporaryDirectory() as folder:
        listed, script = Path(folder) / "ids", Path(folder) / "load.lua"
        listed.write_text("\n".join(map(str, ids)))
        values = {"ids": str(listed), "method": method, "path": path, "token": target.token, "body": body}
        script.write_text(LUA % {name: "nil" if value is None else _lua(value) for name, value in values.items()})
        # The memory of a server that stood idle may have to be fetched back.
        _wrk(script, target.host, WARM_UP_S)
        before_s = target.cpu_s()
        said = _wrk(script, target.host, SECONDS)
        taken_s = target.cpu_s() - before_s
    found = re.search(r"RESULT (\d+) (\d+) ([\d.]+) (\d+)", said)
    assert found, said
    assert found[4] == "0", said
    return Load(int(found[1]), int(found[2]) / 1e6, float(found[3]) / 1000, taken_s)


def without_log(target: Server, path: str, ids: list[int]) -> Load:
    """Put the emulator under load while it keeps no log: two processes would differ by more than the log costs."""
    os.kill(target.pid, signal.SIGUSR1)
    try:
        return wrk(target, "GET", path, ids)
    finally:
        os.kill(target.pid, signal.SIGUSR1)


def _wrk(script: Path, host: str, seconds: int) -> str:
    options = ["--timeout", "20s", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script)]
    return subprocess.run(
        ["taskset", "-c", "1", "wrk", *options, host], capture_output=True, text=True, check=True
    ).stdout


def _lua(text: str) -> str:
    return "[==[" + text + "]==]"


def fill(target: Server) -> tuple[list[int], list[int]]:
    """Make jobs, finished runs and active runs; give the jobs' ids and the active runs' ids."""
    with target.client() as http:
        settings = {"name": "nightly", "tasks": TASKS, "max_concurrent_runs": 1000}
        jobs = [http.post(f"{API}/create", json=settings).json()["job_id"] for _ in range(JOBS)]
        for _ in range(FINISHED // ACTIVE):
            start_runs(target, jobs[: ACTIVE // 1000])
            http.post("/_local/clock", json={"advance_s": 3600}).raise_for_status()
        active = start_runs(target, jobs[: ACTIVE // 1000])
    return jobs[ACTIVE // 1000 :], active


def start_runs(target: Server, jobs: list[int]) -> list[int]:
    """Start a thousand runs of each job, in a pipeline of requests."""
    address = urlsplit(target.host)
    runs: list[int] = []
    with socket.create_connection((address.hostname, address.port)) as sock:
        answers = sock.makefile("rb")
        for job in jobs:
            body = json.dumps({"job_id": job}).encode()
            head = f"POST {API}/run-now HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {target.token}\r\n"
            one = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
            for _ in range(20):
                sock.sendall(one * 50)
                runs += [json.loads(_answer(answers))["run_id"] for _ in range(50)]
    return runs


def _answer(answers: Any) -> bytes:
    length = 0
    while (line := answers.readline()) != b"\r\n":
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return bytes(answers.read(length))


def run() -> None:
    """Measure, print the table, and write ``docs/emulator/speed.md``."""
    if shutil.which("wrk") is None or shutil.which("taskset") is None:
        print("emulator: skipped, it needs wrk (apt-get install wrk) and taskset")
        return
    theirs = _peer_loads()
    with server("emulator") as ours, server("floor") as floor:
        bare_mb = ours.rss_mb()
        jobs, active = fill(ours)
        full_mb = ours.rss_mb()
        with ours.client() as http, floor.client() as below:
            below.put("/", content=http.get(f"{API}/runs/get", params={"run_id": active[0]}).content)
        loads: dict[str, Callable[[], Load]] = {
            "floor": lambda: wrk(floor, "GET", "/?ID", active),
            "runs/get": lambda: wrk(ours, "GET", f"{API}/runs/get?run_id=ID", active),
            "runs/get, no log": lambda: without_log(ours, f"{API}/runs/get?run_id=ID", active),
            "runs/list": lambda: wrk(ours, "GET", f"{API}/runs/list?limit=25&active_only=true&page_token=", [0]),
            "run-now": lambda: wrk(ours, "POST", f"{API}/run-now", jobs, '{"job_id": ID}'),
        }
        seen: dict[str, list[Load]] = {name: [] for name in loads}
        for number in range(ROUNDS):
            # There and back, so that what comes later in a round has no advantage.
            for name in (*loads,) if number % 2 == 0 else (*reversed(loads),):
                seen[name].append(loads[name]())
    with tempfile.TemporaryDirectory() as kept:
        _, *starts = (_start_s(Path(kept)) for _ in range(ROUNDS + 1))
    report(
        "emulator",
        [
            _row(f"processor time of a request to runs/get, {ACTIVE:,} active runs", seen, "runs/get", "floor"),
            _row("processor time of run-now", seen, "run-now", "floor"),
            _row(f"processor time of a page of 25 among {ACTIVE:,} active runs", seen, "runs/list", "floor"),
            _row("cost of the request log in runs/get", seen, "runs/get", "runs/get, no log"),
        ],
    )
    rows = [
        (f"`runs/get`, {ACTIVE:,} active runs", _rates(seen["runs/get"]), "2,500/s, p99 < 100 ms"),
        ("`run-now`", _rates(seen["run-now"]), "2,000/s"),
        (f"`runs/list` of 25 among {ACTIVE:,} active", _rates(seen["runs/list"]), "800/s"),
        ("the floor", _rates(seen["floor"]), ""),
        *((f"minilake {VERSION}, `{name}`, {RUNS} runs", _rates(loads), "") for name, loads in theirs.items()),
        ("cost of the request log in `runs/get`", f"{_log_cost(seen):.1%}", "< 5 %"),
        (f"memory, {ACTIVE:,} active and {FINISHED:,} finished runs", f"{full_mb:.0f} MB", "< 200 MB"),
        ("memory of an empty workspace", f"{bare_mb:.0f} MB", ""),
        ("from start to first answer", _start(starts), "< 0.5 s"),
    ]
    _write_page(rows)


def _peer_loads() -> dict[str, list[Load]]:
    program = install()
    if program is None:
        print("emulator: no peer, minilake cannot be installed")
        return {}
    with peer(program) as (host, pid, runs):
        target = Server(host, "any", pid)
        paths = {"runs/get": (f"{API}/runs/get?run_id=ID", runs), "runs/list": (f"{API}/runs/list?limit=25", [0])}
        return {name: [wrk(target, "GET", path, ids) for _ in range(ROUNDS)] for name, (path, ids) in paths.items()}


def _row(what: str, seen: dict[str, list[Load]], ours: str, other: str) -> Comparison:
    ours_s, other_s = (tuple(load.cpu_us / 1e6 for load in seen[name]) for name in (ours, other))
    return Comparison(what, ours, "Starlette, the same bytes" if other == "floor" else other, ours_s, other_s)


def _log_cost(seen: dict[str, list[Load]]) -> float:
    pairs = zip(seen["runs/get"], seen["runs/get, no log"], strict=True)
    return max(0.0, statistics.median(logged.cpu_us / unlogged.cpu_us - 1 for logged, unlogged in pairs))


def _start(starts: list[tuple[float, float]]) -> str:
    wall_s, cpu_s = (statistics.median(values) for values in zip(*starts, strict=True))
    return f"{wall_s:.2f} s | {cpu_s:.2f} s"


def _rates(loads: list[Load]) -> str:
    rates = sorted(load.rate for load in loads)
    p99_ms, cpu_us = (
        statistics.median(values) for values in zip(*((load.p99_ms, load.cpu_us) for load in loads), strict=True)
    )
    return f"{statistics.median(rates):,.0f}/s (slowest {rates[0]:,.0f}), p99 {p99_ms:.0f} ms | {cpu_us:.0f} µs"


def _start_s(kept: Path) -> tuple[float, float]:
    """Return the time from start to first answer, and the processor time; what Python compiles is kept."""
    environment = compiled(kept)
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        command = [sys.executable, "-m", "airbrick.cli", "emulator", "--port", "0", "--ready-file", str(ready)]
        start = time.perf_counter()
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            httpx.get(json.loads(ready.read_text())["host"] + "/_local/health").raise_for_status()
            taken_s = time.perf_counter() - start, _cpu_s(process.pid)
            process.terminate()
    return taken_s


def _write_page(rows: list[tuple[str, str, str]]) -> None:
    measured = json.loads((RESULTS / "emulator.json").read_text())
    load, cpus = measured["load"], measured["cpus"]
    lines = [
        "# How fast the local workspace is",
        "",
        f"Measured by `make bench` at {measured['commit']} on {measured['date'][:10]}, Python {measured['python']}:",
        f"the server on one core, wrk with {CONNECTIONS} connections on another, {ROUNDS} repeats, the median and the",
        f"slowest. Just before, {load:.1f} other processes wanted the {cpus} processors: above 0, rates",
        "and p99 are too bad, and the processor time tells. The floor is Starlette on the same web server, with the",
        "bytes of `runs/get`.",
        "",
        "| What | Measured | Processor time of one | Wanted |",
        "|---|---|---|---|",
        *(f"| {what} | {value if '|' in value else value + ' |'} | {wanted} |" for what, value, wanted in rows),
    ]
    text = "\n".join(lines) + "\n"
    (ROOT / "docs" / "emulator" / "speed.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    random.seed(7)
    run()
