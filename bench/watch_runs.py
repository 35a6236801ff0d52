"""What 10,000 deferred runs cost one triggerer, and how soon it sees ends: Airflow's trigger runner in simulated time.

200 jobs, whose runs take a log-normal time (median 30 minutes, sigma 0.25) and have a history; they are looked at
every 5 s at most. The peer is a look at each run every 5 s, as one trigger for each run does it.
"""

import asyncio
import json
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from typing import TYPE_CHECKING, Any

from bench.table import ROOT, Comparison, report, write_page

if TYPE_CHECKING:
    from tests.operators.poller.simulated import SimulatedRun

    from bench.simulated_triggerer import Server
    from bench.triggerer import Stalls, Supervisor

RUNS, JOBS, POLL_S = int(os.environ.get("BENCH_RUNS", "10000")), 200, 5.0
MEDIAN_S, SIGMA = 1800.0, 0.25
STARTS_OVER_S, STEADY_S, THROTTLED_S = 1800.0, 600.0, 1800.0
_HISTORY = 25
_LONG_S = 1e9


class _Draw:
    """The same runs each time."""

    def __init__(self) -> None:
        self._random = random.Random(7)  # noqa: S311 -- a simulation

    def length_s(self) -> float:
        return self._random.lognormvariate(math.log(MEDIAN_S), SIGMA)

    def starts(self, number: int, from_s: float, until_s: float) -> list[float]:
        return sorted(round(self._random.uniform(from_s, until_s), 3) for _ in range(number))


def _run(number: int, start_s: float, length_s: float) -> "SimulatedRun":
    from tests.operators.poller.simulated import SimulatedRun

    return SimulatedRun(2**60 + number, number % JOBS + 1, start_s, start_s + length_s)


def _server(draw: _Draw) -> "Server":
    from tests.operators.poller.simulated import SimulatedRun

    from bench.simulated_triggerer import Server

    past = [
        SimulatedRun(number, number % JOBS + 1, -20_000.0, -20_000.0 + draw.length_s())
        for number in range(1, JOBS * _HISTORY + 1)
    ]
    runs = {run.run_id: run for run in past}
    return Server(runs, ended=sorted((run.start_ms, run.run_id) for run in past))


def _watch(planned: list["SimulatedRun"], server: "Server", from_s: float, until_s: float) -> dict[str, Any]:
    """Watch runs to their ends; what is measured is the time between two moments."""
    from tests.operators.poller.simulated import EPOCH_S

    from bench.simulated_triggerer import simulate, start_all
    from bench.triggerer import cpu_s

    async def work(supervisor: "Supervisor", stalls: "Stalls") -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        loop.call_later(max(60.0, from_s), stalls.reset)
        await start_all(server, supervisor, planned, POLL_S)
        await asyncio.sleep(max(0.0, until_s - loop.time()))
        stalled = {"stall_s": stalls.longest_s, "working_s": stalls.working_s}
        if until_s >= planned_until_s:
            await supervisor.ended(len(planned))
        return {**stalled, "events": supervisor.events, "failures": list(supervisor.failures.values())}

    planned_until_s = max(run.ends_at for run in planned)
    began_s = cpu_s()
    found = simulate(server, work)
    late = [
        event["at"] - EPOCH_S - run.ends_at
        for number, run in enumerate(planned, 1)
        if (event := found["events"].get(number)) and from_s <= run.ends_at < until_s - POLL_S
    ]
    sent = [at for at in server.sent_at if from_s <= at < until_s]
    minutes = Counter(int(at // 60) for at in sent)
    alive_s = sum(max(0.0, min(run.ends_at, until_s) - max(run.started_at, from_s)) for run in planned)
    return {
        "failures": found["failures"],
        "stall_s": found["stall_s"],
        "working_s": found["working_s"],
        "requests_per_s": len(sent) / (until_s - from_s),
        "busiest_minute_per_s": max(minutes.values()) / 60,
        "looks_per_s": alive_s / POLL_S / (until_s - from_s),
        "ends": len(late),
        "p50_late_s": statistics.median(late),
        "p95_late_s": statistics.quantiles(late, n=20)[-1],
        "max_late_s": max(late),
        "cpu_s": cpu_s() - began_s,
    }


def once() -> dict[str, Any]:
    """Watch runs that start over half an hour, until the last has ended."""
    draw = _Draw()
    planned = [_run(number, at, draw.length_s()) for number, at in enumerate(draw.starts(RUNS, 0.0, STARTS_OVER_S))]
    return _watch(planned, _server(draw), 0.0, max(run.ends_at for run in planned))


def steady() -> dict[str, Any]:
    """Watch for ten minutes while as many runs start as end."""
    draw = _Draw()
    per_s = RUNS / (MEDIAN_S * math.exp(SIGMA**2 / 2))
    before_s, settle_s = 4 * MEDIAN_S, 300.0
    until_s = settle_s + STEADY_S
    starts = draw.starts(int(per_s * (before_s + until_s)), -before_s, until_s)
    planned = [_run(number, at, draw.length_s()) for number, at in enumerate(starts)]
    return _watch([run for run in planned if run.ends_at > 0], _server(draw), settle_s, until_s)


def memory(*, ours: bool) -> dict[str, Any]:
    """Give the memory that a trigger takes, ours or one that only awaits."""
    from bench.simulated_triggerer import simulate, trigger_of
    from bench.triggerer import AWAITING, rss_kb, workload

    server = _server(_Draw())
    planned = [_run(number, number / 1000, _LONG_S) for number in range(RUNS)]

    async def work(supervisor: "Supervisor", stalls: "Stalls") -> dict[str, Any]:
        for run in planned:
            server.begin(run)
        await asyncio.sleep(10.0)
        # The first pays for imports.
        for number in range(1, RUNS + 1):
            if number == 2:  # noqa: PLR2004 -- after the first
                await asyncio.sleep(10.0)
                before_kb = rss_kb()
                stalls.reset()
            supervisor.start(
                [trigger_of(planned[number - 1], number, POLL_S)]
                if ours
                else [workload(number, AWAITING, {"seconds": _LONG_S})]
            )
            await asyncio.sleep(0.02)
        await asyncio.sleep(60.0)
        stalled = {"stall_s": stalls.longest_s, "working_s": stalls.working_s}
        return {"kb_per_run": (rss_kb() - before_kb) / (RUNS - 1), **stalled}

    found: dict[str, Any] = simulate(server, work)
    return found


def throttled() -> dict[str, Any]:
    """Answer nothing but 429 for half an hour, in which all runs end."""
    from bench.simulated_triggerer import simulate, start_all

    server = _server(_Draw())
    planned = [_run(number, number / 100, 600.0) for number in range(RUNS)]

    async def work(supervisor: "Supervisor", stalls: "Stalls") -> dict[str, Any]:
        await start_all(server, supervisor, planned, POLL_S)
        server.throttled = True
        before = len(server.sent_at)
        await asyncio.sleep(THROTTLED_S)
        asked = len(server.sent_at) - before
        server.throttled = False
        recovered_at = asyncio.get_running_loop().time()
        await supervisor.ended(RUNS)
        return {
            "failures": list(supervisor.failures.values()),
            "requests": asked,
            "all_told_s": asyncio.get_running_loop().time() - recovered_at,
            "stall_s": stalls.longest_s,
        }

    found: dict[str, Any] = simulate(server, work)
    return found


def measure(what: str) -> dict[str, Any]:
    """Measure in a process of its own."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "AIRFLOW_HOME": home, "PYTHONPATH": str(ROOT)}
        program = f"import json; from bench import watch_runs; print(json.dumps(watch_runs.{what}))"
        command = [sys.executable, "-c", program]
        said = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    print(what, json.dumps(found))
    if found.get("failures"):
        raise RuntimeError(f"{len(found['failures'])} triggers failed: {found['failures'][0]}")
    return found


def run() -> None:
    """Measure, print the table and write ``bench/results/watch_runs.json`` and the page of documentation."""
    names = {"once": "once()", "steady": "steady()", "ours": "memory(ours=True)", "awaiting": "memory(ours=False)"}
    found = {name: measure(what) for name, what in names.items()}
    stop = measure("throttled()")
    looks, rests = "a look at each run every 5 s", "a trigger that only awaits"
    rows = [
        ("requests a second, runs that start over half an hour", "once", "requests_per_s", "looks_per_s", "≤ 20", ""),
        ("requests a second, always as many runs", "steady", "requests_per_s", "looks_per_s", "", ""),
    ]
    table = [
        Comparison(what, "airbrick", looks, (found[which][ours],), (found[which][other],), wanted, unit)
        for what, which, ours, other, wanted, unit in rows
    ]
    expected_s = 0.95 * POLL_S
    for which, what in (("once", "runs that start over half an hour"), ("steady", "always as many runs")):
        late_s, name = found[which]["p95_late_s"], f"from end to event, 95th percentile, {what}"
        table.append(Comparison(name, "airbrick", looks, (late_s,), (expected_s,), "≤ 5 s"))
    for name, what, wanted in (
        ("stall_s", "longest stall of the loop", "≤ 100 ms"),
        ("working_s", "the same without Python's garbage collector", ""),
    ):
        longest_s = max(found[which][name] for which in ("once", "steady", "ours"))
        table.append(Comparison(what, "airbrick", rests, (longest_s,), (found["awaiting"][name],), wanted))
    ours_kb, rests_kb = ((found[which]["kb_per_run"],) for which in ("ours", "awaiting"))
    table.append(Comparison("memory a run", "airbrick", rests, ours_kb, rests_kb, "≤ 15 KB more", "KB"))
    report("watch_runs", table)
    _write_page(stop)


def _write_page(stop: dict[str, Any]) -> None:
    from bench.watch_beside import MEDIAN_S as BESIDE_S

    about = (
        "Measured by `make bench`. `watch_beside` has a thousand deferred runs watched for real, each kind of trigger "
        "in a process of its own with Airflow's trigger runner, whose supervisor answers from memory, beside the same "
        f"local workspace; all poll every 5 s, and the runs take {BESIDE_S:.0f} s in the median. What the official "
        "provider spends on a run grows with its length; what airbrick spends is mostly what shows its end. The "
        "official hook was led to the local workspace for its sign-in, which it otherwise sends to port 443.\n\n"
        f"`watch_runs` has {RUNS:,} runs of {JOBS} jobs watched in simulated time, by the same runner; the runs take "
        "30 minutes in the median (log-normal, sigma 0.25). Stalls are in real time, and count from the first run's "
        "end on: imports and the first sign-in are over by then. With so many triggers the longest ones are those of "
        "Python's garbage collector, which goes through all that Airflow keeps of them; while airbrick watches runs, a "
        "collection goes only through what was made since the one before ([how](guides.md#scaling-triggerers)).\n\n"
        f"When a workspace answered nothing but 429 for half an hour, no trigger of {RUNS:,} failed; "
        f"{stop['requests']:,} requests were sent meanwhile, and {stop['all_told_s']:.0f} s after the first answer "
        "every task knew that its run had ended."
    )
    page = ROOT / "docs" / "operators" / "speed.md"
    write_page(page, "What watching runs costs", about, ("watch_beside", "watch_runs", "import_operators"))
