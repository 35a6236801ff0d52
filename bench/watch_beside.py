"""A thousand deferred runs, watched by our trigger, by the official provider's, and by one that only awaits.

Each has a process of its own with Airflow's trigger runner, the same emulator in the same state, and polls every 5 s.
"""

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import psutil
from tests.emulator.provider.environment import LOCK, packages_of

from airbrick.emulator import Emulator
from airbrick.emulator.request_log import RequestLog
from bench.table import ROOT, Comparison, report

RUNS = int(os.environ.get("BENCH_RUNS", "1000"))
JOBS, POLL_S, MEDIAN_S, SIGMA = 50, 5, 120.0, 0.25
OURS, OFFICIAL, AWAITING = "airbrick", "official", "awaiting"
_API = "/api/2.2/jobs"


def _child(kind: str) -> None:
    """Watch the runs that come on standard input, and write what it cost on standard output."""
    from bench.triggerer import Stalls, Supervisor, cpu_s, log_as_triggerer, rss_kb, with_runner

    stalls = Stalls()

    async def read() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(await asyncio.to_thread(sys.stdin.readline))
        return found

    async def work(supervisor: Supervisor) -> dict[str, Any]:
        # The first run pays for imports, the sign-in and the connection.
        first = _workloads(kind, (await read())["runs"], 1)
        supervisor.start(first)
        await supervisor.ended(1)
        print("{}", flush=True)
        asked = await read()
        rss_before, cpu_before = rss_kb(), cpu_s()
        workloads = _workloads(kind, asked["runs"], 2)
        # What a triggerer gets is made elsewhere: in a turn of its own, which does not count.
        await asyncio.sleep(0)
        stalls.reset()
        supervisor.start(workloads)
        at: dict[int, float] = {}
        rss_all = 0.0
        while len(supervisor.events) + len(supervisor.failures) < 1 + len(asked["runs"]):
            supervisor.arrived.clear()
            await supervisor.arrived.wait()
            at |= dict.fromkeys(supervisor.events.keys() - at.keys(), time.time())
            rss_all = rss_all or (rss_kb() if supervisor.all_started else 0.0)
        return {
            "cpu_s": cpu_s() - cpu_before,
            "stall_s": stalls.longest_s,
            "working_s": stalls.working_s,
            "rss_kb_per_run": (rss_all - rss_before) / len(asked["runs"]),
            "failures": [text[-500:] for text in supervisor.failures.values()],
            "at": {number - 2: moment for number, moment in at.items() if number > 1},
        }

    async def watched() -> dict[str, Any]:
        stalls.watch(asyncio.get_running_loop())
        found: dict[str, Any] = await with_runner(work)
        return found

    log_as_triggerer()
    if kind == OFFICIAL:
        # It signs in at port 443 whatever the connection says; everything else goes where the connection leads.
        hook: Any = import_module("airflow.providers.databricks.hooks.databricks").DatabricksHook
        hook._get_oidc_token_service_url = lambda self: self._endpoint_url("oidc/v1/token")  # noqa: SLF001
    print(json.dumps(asyncio.run(watched())), flush=True)


def _workloads(kind: str, runs: list[dict[str, Any]], first: int) -> list[Any]:
    from bench.triggerer import AWAITING as AWAIT
    from bench.triggerer import workload

    def described(run: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if kind == AWAITING:
            return AWAIT, {"seconds": run["seconds"]}
        if kind == OURS:
            deadlines = {"submitted_at": run["submitted_at"]}
            ids = {"run_id": run["run_id"], "job_id": run["job_id"]}
            path = "airbrick.operators.trigger.RunTrigger"
            return path, {"conn_id": "databricks_default", "poll_interval_s": POLL_S, "deadlines": deadlines, **ids}
        path = "airflow.providers.databricks.triggers.databricks.DatabricksExecutionTrigger"
        names = {"run_id": run["run_id"], "databricks_conn_id": "databricks_default"}
        return path, {"polling_period_seconds": POLL_S, "retry_delay": 1, **names}

    return [workload(first + number, *described(run)) for number, run in enumerate(runs)]


class _Workspace:
    """The emulator, and what is asked of it."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.asked: Counter[str] = Counter()
        self.http = httpx.Client(base_url=emulator.host, headers={"Authorization": f"Bearer {emulator.token}"})
        usual = RequestLog.add

        def add(log: RequestLog, call: Any, **more: Any) -> None:
            self.asked[f"{call.method} {call.path}"] += 1
            usual(log, call, **more)

        RequestLog.add = add  # type: ignore[method-assign,assignment]

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.http.post(f"{_API}{path}", json=body).raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def connection(self) -> dict[str, Any]:
        """Give the Airflow connection."""
        at = urlsplit(self.emulator.host)
        return {
            "conn_type": "databricks",
            "host": at.hostname,
            "port": at.port,
            "schema": at.scheme,
            "login": self.emulator.client_id,
            "password": self.emulator.client_secret,
            "extra": {"service_principal_oauth": True},
        }

    def job(self, name: str, run_s: float) -> int:
        """Make a job whose runs take so long."""
        self.emulator.plan(job=name, setup_s=0, run_s=run_s)
        tasks = [{"task_key": "load", "notebook_task": {"notebook_path": "/load", "source": "WORKSPACE"}}]
        return int(self.post("/create", name=name, tasks=tasks, max_concurrent_runs=1000)["job_id"])

    def start(self, job_id: int, seconds: float) -> dict[str, Any]:
        """Start a run."""
        run_id = self.post("/run-now", job_id=job_id)["run_id"]
        return {"run_id": run_id, "job_id": job_id, "submitted_at": time.time(), "seconds": seconds}

    def ended_at(self, run_id: int) -> float:
        """Give a run's end, in seconds since the epoch."""
        return float(self.http.get(f"{_API}/runs/get", params={"run_id": run_id}).json()["end_time"]) / 1000


@contextmanager
def _process(kind: str, connection: dict[str, Any]) -> Iterator["subprocess.Popen[str]"]:
    packages = [str(packages_of(LOCK))] if kind == OFFICIAL else []
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ,
            "AIRFLOW_HOME": home,
            "AIRFLOW_CONN_DATABRICKS_DEFAULT": json.dumps(connection),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
            "PYTHONPATH": os.pathsep.join([str(ROOT), *packages]),
        }
        command = [sys.executable, "-c", f"from bench.watch_beside import _child; _child({kind!r})"]
        with (
            (Path(home) / "errors").open("w+") as errors,
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
            ) as process,
        ):
            try:
                yield process
            except BaseException:
                errors.seek(0)
                print(errors.read()[-4000:], file=sys.stderr)
                raise
            finally:
                process.kill()


def _answer(process: "subprocess.Popen[str]", runs: list[dict[str, Any]]) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"runs": runs}) + "\n")
    process.stdin.flush()
    while True:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the triggerer's process ended")
        # What Airflow itself has to say goes the same way.
        if line.startswith("{"):
            found: dict[str, Any] = json.loads(line)
            return found


class _Connected(threading.Thread):
    """Counts a process's open connections to the workspace, once a second."""

    def __init__(self, pid: int, port: int) -> None:
        super().__init__(daemon=True)
        self._process, self._port = psutil.Process(pid), port
        self._over = threading.Event()
        self.most = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        """Count until it is over."""
        while not self._over.wait(1.0):
            open_ = [at for at in self._process.net_connections() if at.raddr[1:] == (self._port,)]
            self.most = max(self.most, sum(at.status == psutil.CONN_ESTABLISHED for at in open_))


def measure(kind: str) -> dict[str, Any]:
    """Have one kind of trigger watch the runs in a workspace of its own."""
    with Emulator() as emulator:
        workspace = _Workspace(emulator)
        draw = random.Random(7)  # noqa: S311 -- a simulation
        lengths = [MEDIAN_S * draw.lognormvariate(0.0, SIGMA) for _ in range(JOBS)]
        jobs = [(workspace.job(f"job-{number}", length), length) for number, length in enumerate(lengths)]
        with _process(kind, workspace.connection()) as process:
            _answer(process, [workspace.start(workspace.job("first", 3.0), 3.0)])
            tokens = workspace.asked["POST /oidc/v1/token"]
            runs = [workspace.start(*jobs[number % JOBS]) for number in range(RUNS)]
            before = Counter(workspace.asked)
            with _Connected(process.pid, urlsplit(emulator.host).port or 0) as connected:
                found = _answer(process, runs)
            asked = workspace.asked - before
        late = [
            moment - workspace.ended_at(runs[int(number)]["run_id"])
            for number, moment in found.pop("at").items()
            if kind != AWAITING
        ]
    return {
        **found,
        "tokens": tokens + asked["POST /oidc/v1/token"],
        "gets": sum(number for what, number in asked.items() if what.startswith("GET ")),
        "asked": dict(asked),
        "connections": connected.most,
        "p95_late_s": statistics.quantiles(late, n=20)[-1] if late else 0.0,
    }


def run() -> None:
    """Measure the three, print the table and write ``bench/results/watch_beside.json``."""
    found = {kind: measure(kind) for kind in (AWAITING, OFFICIAL, OURS)}
    for kind, figures in found.items():
        print(f"{kind}: {json.dumps(figures)}")
        if figures["failures"]:
            raise RuntimeError(f"{kind}: {len(figures['failures'])} triggers failed: {figures['failures'][0]}")
    for figures in found.values():
        figures["own_cpu_s"] = figures["cpu_s"] - found[AWAITING]["cpu_s"]
    rows = [
        ("requests GET", "gets", "", "ratio ≤ 0.25"),
        ("sign-ins", "tokens", "", "1"),
        ("connections open at once", "connections", "", "≤ 8"),
        ("CPU beyond that of triggers that only await", "own_cpu_s", "s", "ratio ≤ 0.125"),
        ("CPU of the triggerer's process", "cpu_s", "s", ""),
        ("longest stall of the loop", "stall_s", "s", "≤ 100 ms"),
        ("the same without Python's garbage collector", "working_s", "s", ""),
        ("from end to event, 95th percentile", "p95_late_s", "s", "≤ 5 s"),
        ("memory a run", "rss_kb_per_run", "KB", ""),
    ]
    report(
        "watch_beside",
        [
            Comparison(what, OURS, OFFICIAL, (found[OURS][name],), (found[OFFICIAL][name],), wanted, unit)
            for what, name, unit, wanted in rows
        ],
    )
