"""What one poller costs and how soon it sees ends: 10,000 runs watched in simulated time.

200 jobs, whose runs take a log-normal time (median 30 minutes, sigma 0.25) and have a history; they start over half
an hour and are looked at every 5 s at most. The floor is a look at each run every 5 s, as one trigger for each run
does it.
"""

import asyncio
import json
import logging
import math
import random
import statistics
import time
from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.operators.poller.simulated import (
    EPOCH_S,
    InMemoryClient,
    SimulatedRun,
    SimulatedServer,
    clock,
    run_simulated,
)

from airbrick.operators.poller.budget import RateBudget
from airbrick.operators.poller.poller import Poller
from airbrick.operators.runs.view import RunView
from airbrick.operators.workspace.wire import LIST_LIMIT
from bench.table import RESULTS

RUNS, JOBS, POLL_S = 10_000, 200, 5.0
_MEDIAN_S, _SIGMA, _STARTS_OVER_S = 1800.0, 0.25, 1800.0
_HISTORY = 25


Key = tuple[float, int]


@dataclass
class Server(SimulatedServer):
    """Lists runs without going through all that ever were."""

    active: list[Key] = field(default_factory=list)
    ended: list[Key] = field(default_factory=list)
    pages: int = 0

    def begin(self, run: SimulatedRun) -> None:
        """Start a run."""
        self.runs[run.run_id] = run
        insort(self.active, (run.started_at, run.run_id))

    def end(self, run: SimulatedRun) -> None:
        """Move an ended run from the active ones to the others."""
        del self.active[bisect_left(self.active, (run.started_at, run.run_id))]
        insort(self.ended, (run.started_at, run.run_id))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        params = request.url.params
        if not request.url.path.endswith("/runs/list"):
            return super()._answer(request)
        self.pages += 1
        listed = self.ended if params.get("completed_only") == "true" else self.active
        # As the workspace does, to the millisecond.
        since_s = int(params.get("start_time_from", "0")) / 1000 - EPOCH_S
        until_s = int(params.get("start_time_to", "4000000000000")) / 1000 - EPOCH_S
        first, last = bisect_left(listed, (since_s, 0)), bisect_left(listed, (until_s + 0.001, 0))
        last = min(last, int(params.get("page_token", last)))
        shown: list[SimulatedRun] = []
        while last > first and len(shown) < LIST_LIMIT:
            last -= 1
            run = self.runs[listed[last][1]]
            if params.get("job_id") in {None, str(run.job_id)}:
                shown.append(run)
        page: dict[str, Any] = {"runs": [self._shown(run) for run in shown]}
        if last > first:
            page["next_page_token"] = str(last)
        return httpx.Response(200, content=json.dumps(page).encode())


async def _watch(server: Server, planned: list[SimulatedRun]) -> list[float]:
    poller_clock = clock()
    loop = asyncio.get_running_loop()
    client = InMemoryClient(server, RateBudget(), poller_clock)
    poller = Poller(client, clock=poller_clock, on_idle=lambda: None, log=logging.getLogger("bench"))
    late: list[float] = []

    async def one(run: SimulatedRun) -> None:
        await asyncio.sleep(run.started_at - loop.time())
        server.begin(run)
        loop.call_later(run.ends_at - loop.time(), server.end, run)
        submitted_at = EPOCH_S + run.started_at
        with poller.watching(run.run_id, run.job_id, poll_interval_s=POLL_S, submitted_at=submitted_at) as watch:
            while True:
                news = await watch.news.get()
                if isinstance(news, RunView) and news.ended:
                    break
        late.append(loop.time() - run.ends_at)

    await asyncio.gather(*(one(run) for run in planned))
    await asyncio.sleep(60.0)
    return late


def measure(runs: int = RUNS, jobs: int = JOBS) -> dict[str, float]:
    """Watch runs to their ends.

    :returns: requests a second on average, the 95th percentile of the time from an end to its event, and CPU seconds.
    """
    draw = random.Random(7)  # noqa: S311 -- a simulation
    starts = sorted(draw.uniform(0, _STARTS_OVER_S) for _ in range(runs))

    def length() -> float:
        return draw.lognormvariate(math.log(_MEDIAN_S), _SIGMA)

    planned = [
        SimulatedRun(2**60 + number, number % jobs + 1, start, start + length()) for number, start in enumerate(starts)
    ]
    past = {
        number: SimulatedRun(number, number % jobs + 1, -20_000.0, -20_000.0 + length())
        for number in range(1, jobs * _HISTORY + 1)
    }
    server = Server(dict(past), ended=sorted((run.started_at, run.run_id) for run in past.values()))
    began = time.process_time()
    late = run_simulated(_watch(server, planned))
    cpu_s = time.process_time() - began
    lasted_s = max(run.ends_at for run in planned)
    floor = sum(run.ends_at - run.started_at for run in planned) / POLL_S / lasted_s
    return {
        "runs": runs,
        "jobs": jobs,
        "requests_per_s": len(server.sent_at) / lasted_s,
        "floor_requests_per_s": floor,
        "p50_late_s": statistics.median(late),
        "p95_late_s": statistics.quantiles(late, n=20)[-1],
        "cpu_s": cpu_s,
    }


def run() -> None:
    """Measure, print the table and write ``bench/results/watch_runs.json``."""
    found = measure()
    print("\nwatch_runs")
    print(f"  {found['runs']:.0f} runs of {found['jobs']:.0f} jobs, simulated time")
    print(f"    requests a second, one poller                {found['requests_per_s']:>10.1f}")
    print(f"    requests a second, a trigger for each run    {found['floor_requests_per_s']:>10.1f}")
    print(f"    from end to event, median                    {found['p50_late_s']:>10.1f} s")
    print(f"    from end to event, 95th percentile           {found['p95_late_s']:>10.1f} s")
    print(f"    CPU                                          {found['cpu_s']:>10.1f} s")
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "watch_runs.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
