"""The poller against the local workspace: few requests, no run lost, no run that stops another."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from tests.operators.helpers import Job, api, provision
from tests.operators.waiting_clock import WaitingClock

from airbrick.emulator import Emulator
from airbrick.operators.poller import cycle as cycle_module
from airbrick.operators.poller import lists as lists_module
from airbrick.operators.poller import poller as poller_module
from airbrick.operators.poller.poller import Poller
from airbrick.operators.poller.registry import Registry
from airbrick.operators.poller.watch import Gone, Notice, Watch
from airbrick.operators.runs.view import RunView, read_run
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.credentials import AuthKind, Credentials

SPEED = 200.0
GET = "/api/2.2/jobs/runs/get"
LIST = "/api/2.2/jobs/runs/list"


@pytest.fixture
def workspace() -> Iterator[Emulator]:
    with Emulator(clock=WaitingClock(SPEED)) as emulator:
        yield emulator


class Access:
    """What Airflow says about the connection, and how often it was asked."""

    def __init__(self, workspace: Emulator) -> None:
        self.settings = ConnectionSettings(
            "c",
            workspace.host,
            Credentials(
                AuthKind.OAUTH_M2M, {"client_id": workspace.client_id, "client_secret": workspace.client_secret}
            ),
            "sp",
        )
        self.reads = 0

    async def read(self, conn_id: str) -> ConnectionSettings:
        self.reads += 1
        await asyncio.sleep(0)
        return self.settings


def started(workspace: Emulator, job: Job, count: int) -> list[int]:
    return [api(workspace, "POST", "/api/2.2/jobs/run-now", job_id=job.job_id)["run_id"] for _ in range(count)]


async def end_of(watch: Watch) -> RunView | Gone:
    while True:
        news = await watch.next_news()
        if isinstance(news, Gone) or (isinstance(news, RunView) and news.ended):
            return news


async def watch_all(registry: Registry, job_of: dict[int, int]) -> dict[int, RunView | Gone]:
    """Watch runs as that many triggers do."""

    async def one(run_id: int, job_id: int) -> RunView | Gone:
        poller = await registry.poller("c")
        with poller.watching(run_id, job_id, poll_interval_s=5.0, submitted_at=registry.clock.now()) as watch:
            return await end_of(watch)

    ends = await asyncio.gather(*(one(*pair) for pair in job_of.items()))
    return dict(zip(job_of, ends, strict=True))


def run(workspace: Emulator, work: Callable[[Registry, Access], Awaitable[Any]]) -> Any:
    access, clock = Access(workspace), workspace.clock
    assert isinstance(clock, WaitingClock)

    async def bounded() -> Any:
        registry = Registry(read=access.read, clock=clock.of_poller())
        return await asyncio.wait_for(work(registry, access), 120)

    return asyncio.run(bounded())


@pytest.fixture
def job(workspace: Emulator) -> Job:
    return provision(workspace, "many", max_concurrent_runs=1000)


def test_many_runs_cost_few_requests_one_token_and_one_reading_of_the_connection(workspace: Emulator, job: Job) -> None:
    workspace.plan(run_s=400)
    ids = started(workspace, job, 100)
    access_seen = []

    async def work(registry: Registry, access: Access) -> dict[int, RunView | Gone]:
        ends = await watch_all(registry, dict.fromkeys(ids, job.job_id))
        access_seen.append(access.reads)
        return ends

    ends = run(workspace, work)
    assert {end.result for end in ends.values()} == {"SUCCESS"}
    looks, lists = len(workspace.requests(path=GET)), len(workspace.requests(path=LIST))
    # Looking at each run every five seconds would take 8,000 requests.
    assert looks <= 200
    assert 4 <= lists <= 600
    assert len(workspace.requests(path="/oidc/v1/token")) == 1
    # Once by the registry, once by the client, and again when ten minutes are over on this fast clock.
    assert 2 <= access_seen[0] <= 6


@pytest.mark.parametrize("preset", ["lost_ack", "throttle", "outage", "half_body", "token_expired"])
@pytest.mark.parametrize("path", [GET, LIST])
def test_a_fault_ends_no_watch_and_loses_no_end(preset: str, path: str, workspace: Emulator, job: Job) -> None:
    workspace.plan(run_s=60)
    ids = started(workspace, job, 10)
    workspace.fault(preset, path=path, times=3)
    ends = run(workspace, lambda registry, _: watch_all(registry, dict.fromkeys(ids, job.job_id)))
    assert {end.result for end in ends.values()} == {"SUCCESS"}


def test_an_outage_is_told_once_and_its_end_too(workspace: Emulator, job: Job) -> None:
    workspace.plan(run_s=1_000_000)
    (run_id,) = started(workspace, job, 1)
    workspace.fault("outage", path="/api/*", times=5)

    async def work(registry: Registry, access: Access) -> list[str]:
        told: list[str] = []
        poller = await registry.poller("c")
        with poller.watching(run_id, job.job_id, poll_interval_s=5, submitted_at=0) as watch:
            while len(told) < 2:
                news = await watch.next_news()
                if isinstance(news, Notice):
                    told.append(news.text)
        return told

    outage = f"GET {GET}: 503 TEMPORARILY_UNAVAILABLE: The service is temporarily unavailable."
    assert run(workspace, work) == [
        f"cannot look at runs in {workspace.host}, trying on: {outage}",
        f"{workspace.host} answers again after 5 failed tries",
    ]


def test_an_expired_token_is_renewed_once_for_all(workspace: Emulator, job: Job) -> None:
    workspace.plan(run_s=400)
    ids = started(workspace, job, 30)
    workspace.fault("token_expired", path="/api/*", skip=2, times=1)
    ends = run(workspace, lambda registry, _: watch_all(registry, dict.fromkeys(ids, job.job_id)))
    assert {end.result for end in ends.values()} == {"SUCCESS"}
    assert len(workspace.requests(path="/oidc/v1/token")) == 2


def test_a_secret_rotated_while_runs_are_watched_is_read_again(workspace: Emulator, job: Job) -> None:
    workspace.plan(run_s=400)
    (run_id,) = started(workspace, job, 1)

    async def work(registry: Registry, access: Access) -> Any:
        good = access.settings
        access.settings = ConnectionSettings("c", good.host, Credentials(AuthKind.PAT, {"token": "dapi-old"}), "sp")
        poller = await registry.poller("c")
        with poller.watching(run_id, job.job_id, poll_interval_s=5, submitted_at=0) as watch:
            first = await watch.next_news()
            access.settings = good
            return first, await end_of(watch)

    first, end = run(workspace, work)
    assert isinstance(first, Notice)
    assert "401 UNAUTHENTICATED" in first.text
    assert "dapi-old" not in first.text
    assert end.result == "SUCCESS"


def test_a_run_that_cannot_be_read_does_not_stop_the_others(workspace: Emulator, job: Job) -> None:
    workspace.plan(run_s=60)
    good = started(workspace, job, 3)
    other = provision(workspace, "poison")
    workspace.plan(job="poison", run_s=100_000)
    (poison,) = started(workspace, other, 1)
    notices: list[str] = []

    async def work(registry: Registry, access: Access) -> Any:
        poller = await registry.poller("c")
        read = read_run

        def broken(body: Any) -> RunView:
            if body.get("run_id") == poison:
                raise KeyError("a shape nobody thought of")
            return read(body)

        with (
            pytest.MonkeyPatch.context() as patch,
            poller.watching(poison, other.job_id, poll_interval_s=5, submitted_at=0) as watch,
        ):
            for module in (cycle_module, lists_module):
                patch.setattr(module, "read_run", broken)
            ends = await watch_all(registry, dict.fromkeys(good, job.job_id))
            while watch.has_news:
                news = await watch.next_news()
                assert isinstance(news, Notice)
                notices.append(news.text)
        return ends

    ends = run(workspace, work)
    assert {end.result for end in ends.values()} == {"SUCCESS"}
    assert notices == [f"cannot look at run {poison}, trying on: KeyError: 'a shape nobody thought of'"]


def test_a_run_nobody_may_see_any_more_does_not_stop_the_others(workspace: Emulator, job: Job) -> None:
    workspace.plan(run_s=200)
    ids = started(workspace, job, 4)
    workspace.fault(None, path=GET, skip=1, times=4, status=403, error_code="PERMISSION_DENIED")
    ends = run(workspace, lambda registry, _: watch_all(registry, dict.fromkeys(ids, job.job_id)))
    assert {end.result for end in ends.values()} == {"SUCCESS"}


def test_a_run_that_is_gone_is_told(workspace: Emulator, job: Job) -> None:
    ends = run(workspace, lambda registry, _: watch_all(registry, {12345: job.job_id}))
    assert ends == {12345: Gone()}


def test_a_bug_in_the_poller_is_logged_and_every_end_still_comes(
    workspace: Emulator, job: Job, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    workspace.plan(run_s=60)
    ids = started(workspace, job, 10)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(lists_module, "choose_plan", broken)
    with caplog.at_level(logging.ERROR):
        ends = run(workspace, lambda registry, _: watch_all(registry, dict.fromkeys(ids, job.job_id)))
    assert {end.result for end in ends.values()} == {"SUCCESS"}
    assert [record.getMessage() for record in caplog.records] == [
        f"the poller of {workspace.host} failed and starts again"
    ]


def test_a_watch_that_is_left_is_not_looked_at_any_more(workspace: Emulator, job: Job) -> None:
    workspace.plan(run_s=100_000)
    (run_id,) = started(workspace, job, 1)

    async def work(registry: Registry, access: Access) -> None:
        poller = await registry.poller("c")
        with poller.watching(run_id, job.job_id, poll_interval_s=5, submitted_at=0) as watch:
            await watch.next_news()
        seen = len(workspace.requests(path=GET))
        await registry.clock.sleep(20)
        assert len(workspace.requests(path=GET)) <= seen + 1

    run(workspace, work)


def test_a_poller_without_runs_closes_itself_and_the_next_watch_gets_a_new_one(workspace: Emulator, job: Job) -> None:
    workspace.plan(run_s=1)

    async def work(registry: Registry, access: Access) -> tuple[Poller, Poller]:
        (first_run,) = started(workspace, job, 1)
        await watch_all(registry, {first_run: job.job_id})
        first = await registry.poller("c")
        await registry.clock.sleep(poller_module.LINGER_S * 2)
        second = await registry.poller("c")
        (second_run,) = started(workspace, job, 1)
        await watch_all(registry, {second_run: job.job_id})
        return first, second

    first, second = run(workspace, work)
    assert first is not second


def test_the_poller_does_not_run_in_the_context_of_the_trigger_that_was_first(workspace: Emulator, job: Job) -> None:
    import contextvars

    trigger_id: contextvars.ContextVar[str] = contextvars.ContextVar("trigger_id", default="none")
    seen: list[str] = []

    async def work(registry: Registry, access: Access) -> None:
        read = access.read

        async def spy(conn_id: str) -> ConnectionSettings:
            seen.append(trigger_id.get())
            return await read(conn_id)

        access.read = spy  # type: ignore[method-assign]
        registry._read = spy
        trigger_id.set("first trigger")
        (run_id,) = started(workspace, job, 1)
        await watch_all(registry, {run_id: job.job_id})

    run(workspace, work)
    assert seen == ["first trigger", "none"]


@pytest.mark.parametrize("status", [403, 503])
def test_a_list_that_is_never_answered_hides_no_end(status: int, workspace: Emulator, job: Job) -> None:
    workspace.plan(run_s=5)
    ids = started(workspace, job, 30)
    workspace.fault(None, path="/api/2.2/jobs/runs/list", times=None, status=status, error_code="REFUSED")
    ends = run(workspace, lambda registry, _: watch_all(registry, dict.fromkeys(ids, job.job_id)))
    assert all(isinstance(end, RunView) and end.ended for end in ends.values())
