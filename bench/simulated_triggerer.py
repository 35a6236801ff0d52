"""Airflow's trigger runner in simulated time, and a workspace in memory that lists many runs quickly.

It runs in a process of its own, because what is measured is that process.
"""

import asyncio
import json
import os
from bisect import bisect_left, insort
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.operators.poller.simulated import (
    EPOCH_S,
    FAULTS,
    HOST,
    InMemoryClient,
    JumpingLoop,
    SimulatedRun,
    SimulatedServer,
    clock,
)

from airbrick.operators.poller import registry
from airbrick.operators.poller.budget import RateBudget
from airbrick.operators.poller.clock import PollerClock
from airbrick.operators.workspace.wire import LIST_LIMIT
from bench.triggerer import Stalls, Supervisor, log_as_triggerer, with_runner, workload

TRIGGER = "airbrick.operators.trigger.RunTrigger"
CONNECTION = "AIRFLOW_CONN_DATABRICKS_DEFAULT"
_STEP_S = 1e-8

Key = tuple[int, int]


class Loop(JumpingLoop):
    """An event loop whose time passes only while nothing can run, and that waits for no thread and no socket."""

    def __init__(self) -> None:
        super().__init__()
        jumping = self._jumping

        def select(timeout: float | None = None) -> list[Any]:
            jumping.now += max(0.0, timeout or 0.0) + _STEP_S
            return []

        jumping.select = select  # type: ignore[method-assign]

    def run_in_executor(self, executor: object, func: Callable[..., Any], *args: object) -> "asyncio.Future[Any]":
        """Do the work at once: while a thread works, simulated time would fly."""
        del executor
        future: asyncio.Future[Any] = self.create_future()
        future.set_result(func(*args))
        return future


@dataclass
class Server(SimulatedServer):
    """Lists runs without going through all that ever were.

    :param throttled: answer nothing but 429.
    """

    active: list[Key] = field(default_factory=list)
    ended: list[Key] = field(default_factory=list)
    throttled: bool = False

    def begin(self, run: SimulatedRun) -> None:
        """Start a run, and end it when it is over."""
        loop = asyncio.get_running_loop()
        self.runs[run.run_id] = run
        insort(self.active, (run.start_ms, run.run_id))
        loop.call_later(run.ends_at - loop.time(), self._end, run)

    def _end(self, run: SimulatedRun) -> None:
        del self.active[bisect_left(self.active, (run.start_ms, run.run_id))]
        insort(self.ended, (run.start_ms, run.run_id))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        params = request.url.params
        if self.throttled:
            return FAULTS["throttled"](request)
        if not request.url.path.endswith("/runs/list"):
            return super()._answer(request)
        listed = self.ended if params.get("completed_only") == "true" else self.active
        since_ms, until_ms = int(params.get("start_time_from", "0")), int(params.get("start_time_to", "4000000000000"))
        first, last = bisect_left(listed, (since_ms, 0)), bisect_left(listed, (until_ms + 1, 0))
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


def trigger_of(run: SimulatedRun, number: int, poll_s: float) -> Any:
    """Give the workload that watches a run."""
    return workload(
        number,
        TRIGGER,
        {
            "conn_id": "databricks_default",
            "run_id": run.run_id,
            "job_id": run.job_id,
            "poll_interval_s": poll_s,
            "deadlines": {"submitted_at": EPOCH_S + run.started_at},
        },
    )


def simulate(server: Server, work: Callable[[Supervisor, Stalls], Coroutine[Any, Any, Any]]) -> Any:
    """Do work beside the trigger runner, whose triggers ask the server."""
    log_as_triggerer()
    os.environ[CONNECTION] = json.dumps({"conn_type": "databricks", "host": HOST, "password": "t"})

    def client(_: str, *, budget: RateBudget, clock: PollerClock, **__: object) -> InMemoryClient:
        return InMemoryClient(server, budget, clock)

    registry.AsyncWorkspaceClient = client  # type: ignore[attr-defined,assignment]
    registry.PollerClock = clock  # type: ignore[attr-defined,assignment]
    stalls = Stalls()
    loop = Loop()
    stalls.watch(loop)

    try:
        return loop.run_until_complete(with_runner(lambda supervisor: work(supervisor, stalls)))
    finally:
        loop.close()


async def start_all(server: Server, supervisor: Supervisor, planned: Iterable[SimulatedRun], poll_s: float) -> None:
    """Start runs at their times, and a trigger for each."""
    loop = asyncio.get_running_loop()
    for number, run in enumerate(planned, 1):
        if (wait_s := run.started_at - loop.time()) > 0:
            await asyncio.sleep(wait_s)
        server.begin(run)
        supervisor.start([trigger_of(run, number, poll_s)])
