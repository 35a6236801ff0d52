"""A workspace and a clock in memory, on which hours pass in no time."""

import asyncio
import json
import random
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from selectors import DefaultSelector
from typing import Any

import httpx

from airbrick.operators.poller.budget import RateBudget
from airbrick.operators.poller.clock import PollerClock
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.async_client import AsyncWorkspaceClient
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.credentials import AuthKind, Credentials
from airbrick.operators.workspace.sign_in import SignedIn

HOST = "https://w"
EPOCH_S = 1_800_000_000.0
_STEP_S = 1e-8
Answer = Callable[[httpx.Request], httpx.Response]


class _JumpingSelector(DefaultSelector):
    """Lets time jump to the next timer instead of waiting for it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise AssertionError("nothing is left to wait for")
        # A little more, so that whoever waits until a moment finds that it has passed.
        self.now += max(0.0, timeout) + _STEP_S
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only while nothing can run."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        # asyncio fires timers early by as much.
        self._clock_resolution = _STEP_S / 10

    def time(self) -> float:
        return self._jumping.now


def run_simulated(work: Coroutine[Any, Any, Any]) -> Any:
    loop = JumpingLoop()
    try:
        return loop.run_until_complete(work)
    finally:
        try:
            loop.run_until_complete(_cancel_all())
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()


async def _cancel_all() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    for found in await asyncio.gather(*left, return_exceptions=True):
        if isinstance(found, Exception):
            raise found


def clock(seed: int = 0) -> PollerClock:
    """Give the poller's clock; made inside the loop."""
    loop = asyncio.get_running_loop()
    return PollerClock(now=lambda: EPOCH_S + loop.time(), monotonic=loop.time, unit=random.Random(seed).random)


@dataclass
class SimulatedRun:
    run_id: int
    job_id: int
    started_at: float
    ends_at: float

    @property
    def start_ms(self) -> int:
        return int((EPOCH_S + self.started_at) * 1000)


@dataclass
class SimulatedServer:
    """Keeps the promises of the Jobs API that watching runs relies on, between faults; stands for connections to it.

    :param faults: what goes wrong with the next requests; ``None`` answers.
    :param poison: how each look at a run is answered that no list shows, by the run's id.
    :param refused: a path that is always answered with 403.
    :param told_at: when whoever watches a run was told of its end.
    """

    runs: dict[int, SimulatedRun]
    faults: "deque[Answer | None]" = field(default_factory=deque)
    poison: Mapping[int, Answer] = field(default_factory=dict)
    sent_at: list[float] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    looked_at: list[tuple[float, int]] = field(default_factory=list)
    told_at: dict[int, float] = field(default_factory=dict)
    refused: str = ""
    paused_until: float = 0.0
    sent_while_paused: int = 0
    latency_s: float = 0.05

    async def send(self, call: wire.Call, headers: Mapping[str, str]) -> dict[str, Any]:
        request = httpx.Request(call.method, f"{HOST}{call.path}", params=call.params, headers=headers)
        try:
            answer = await self._take(request)
        except httpx.HTTPError as error:
            raise wire.transport_error(call, error) from None
        return wire.read_answer(call, answer.status_code, answer.headers, answer.content)

    async def _take(self, request: httpx.Request) -> httpx.Response:
        now = asyncio.get_running_loop().time()
        self.sent_at.append(now)
        self.paths.append(request.url.path)
        self.sent_while_paused += now < self.paused_until - 1e-6
        await asyncio.sleep(self.latency_s)
        fault = self.faults.popleft() if self.faults else None
        if fault is not None:
            answer = fault(request)
            if (pause := answer.headers.get("retry-after")) is not None:
                until = asyncio.get_running_loop().time() + float(pause)
                self.paused_until = max(self.paused_until, until)
            return answer
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        params = request.url.params
        if request.url.path == self.refused:
            return FAULTS["forbidden"](request)
        if request.url.path.endswith("/runs/get"):
            run_id = int(params["run_id"])
            self.looked_at.append((asyncio.get_running_loop().time(), run_id))
            if run_id not in self.runs:
                return _json(400, {"error_code": "INVALID_PARAMETER_VALUE", "message": f"Run {run_id} does not exist."})
            if run_id in self.poison:
                return self.poison[run_id](request)
            return _json(200, self._shown(self.runs[run_id]))
        assert request.url.path.endswith("/runs/list")
        job_id = params.get("job_id")
        since_ms, until_ms = int(params.get("start_time_from", "0")), int(params.get("start_time_to", "4000000000000"))
        now = asyncio.get_running_loop().time()
        ended = params.get("completed_only") == "true"
        found = [
            run
            for run in sorted(self.runs.values(), key=lambda run: -run.started_at)
            if (run.ends_at <= now) == ended
            and run.run_id not in self.poison
            and job_id in {None, str(run.job_id)}
            and since_ms <= run.start_ms <= until_ms
        ]
        start = int(params.get("page_token", "0"))
        page: dict[str, Any] = {"runs": [self._shown(run) for run in found[start : start + 25]]}
        if start + 25 < len(found):
            page["next_page_token"] = str(start + 25)
        return _json(200, page)

    def _shown(self, run: SimulatedRun) -> dict[str, Any]:
        now = asyncio.get_running_loop().time()
        body: dict[str, Any] = {
            "run_id": run.run_id,
            "job_id": run.job_id,
            "start_time": run.start_ms,
            "state": {"life_cycle_state": "RUNNING"},
        }
        if run.ends_at <= now:
            body["state"] = {"life_cycle_state": "TERMINATED", "result_state": "SUCCESS"}
            body["end_time"] = int((EPOCH_S + run.ends_at) * 1000)
        return body


class InMemoryClient(AsyncWorkspaceClient):
    """The triggerer's client, whose connections end in a simulated server and whose sign-in takes no thread."""

    def __init__(self, server: SimulatedServer, budget: RateBudget, poller_clock: PollerClock) -> None:
        super().__init__(HOST, read=self._settings, budget=budget, clock=poller_clock, make=self._sign_in)
        self._server = server
        self.sign_ins = 0

    async def _settings(self) -> ConnectionSettings:
        await asyncio.sleep(0.01)
        return ConnectionSettings("c", HOST, Credentials(AuthKind.PAT, {"token": "t"}), "pat:c")

    def _sign_in(self, settings: ConnectionSettings) -> SignedIn:
        self.sign_ins += 1
        number = self.sign_ins
        return SignedIn(settings, "", lambda: {"Authorization": f"Bearer {number}"})

    async def _connected(self) -> Any:
        return self._server

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        await asyncio.sleep(0.01)
        return work()


def _json(status: int, body: dict[str, Any]) -> httpx.Response:
    return httpx.Response(status, content=json.dumps(body).encode())


def _disconnect(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("connection reset", request=request)


FAULTS: dict[str, Answer] = {
    "throttled": lambda _: httpx.Response(429, headers={"Retry-After": "7"}, json={"error_code": "TOO_MANY"}),
    "throttled without a word": lambda _: httpx.Response(429),
    "unavailable": lambda _: httpx.Response(503, content=b"<html>"),
    "disconnect": _disconnect,
    "half a body": lambda _: httpx.Response(200, content=b'{"run_id": 1'),
    "unauthorised": lambda _: httpx.Response(401, json={"error_code": "UNAUTHENTICATED"}),
    "forbidden": lambda _: httpx.Response(403, json={"error_code": "PERMISSION_DENIED"}),
    "proxy": lambda _: httpx.Response(404, content=b"not here"),
    "nothing": lambda _: httpx.Response(200, content=b""),
    "a list": lambda _: httpx.Response(200, content=b"[]"),
}

POISONS: dict[str, Answer] = {
    "another shape": lambda _: _json(200, {"run_id": "poison", "tasks": 5}),
    "server error": lambda _: httpx.Response(500, json={"error_code": "INTERNAL_ERROR"}),
    "half a body": FAULTS["half a body"],
    "proxy": FAULTS["proxy"],
}
