"""Hours of watching under random faults: each end is told once, and the budget holds."""

import asyncio
import logging
from collections import deque
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.operators.poller.simulated import (
    EPOCH_S,
    FAULTS,
    POISONS,
    Answer,
    InMemoryClient,
    SimulatedRun,
    SimulatedServer,
    clock,
    run_simulated,
)

from airbrick.operators.poller.budget import BURST, RATE_PER_S, RateBudget
from airbrick.operators.poller.poller import Poller
from airbrick.operators.poller.watch import Gone, Notice, Watch
from airbrick.operators.runs.view import RunView

LOG = logging.getLogger("test")
POLL_S = 30.0
HOURS_S = 4 * 3600.0

RUNS = st.lists(
    # Job, start, and how long it goes on.
    st.tuples(st.integers(1, 3), st.floats(0, 600), st.floats(0.5, 1500)),
    min_size=1,
    max_size=15,
)


async def ends(watch: Watch, told_at: dict[int, float]) -> list[RunView | Gone]:
    """Collect every end a watch is told, also a second one; and when it was told the first."""
    found: list[RunView | Gone] = []
    while not found:
        news = await watch.next_news()
        if isinstance(news, Gone) or (isinstance(news, RunView) and news.ended):
            found.append(news)
    told_at[watch.run_id] = asyncio.get_running_loop().time()
    await asyncio.sleep(120.0)
    while watch.has_news:
        news = await watch.next_news()
        if isinstance(news, Gone) or (isinstance(news, RunView) and news.ended):
            found.append(news)
    return found


async def watch_all(server: SimulatedServer, seed: int = 0) -> tuple[dict[int, list[RunView | Gone]], InMemoryClient]:
    """Watch every run of a server from its start, as that many triggers do."""
    poller_clock = clock(seed)
    client = InMemoryClient(server, RateBudget(), poller_clock)
    poller = Poller(client, clock=poller_clock, on_idle=lambda: None, log=LOG)

    async def one(run: SimulatedRun) -> list[RunView | Gone]:
        await asyncio.sleep(run.started_at)
        submitted_at = EPOCH_S + run.started_at
        with poller.watching(run.run_id, run.job_id, poll_interval_s=POLL_S, submitted_at=submitted_at) as watch:
            return await ends(watch, server.told_at)

    watched = [run for run in server.runs.values() if run.run_id not in server.poison]
    poisoned = [asyncio.create_task(one(server.runs[run_id])) for run_id in server.poison]
    found = await asyncio.wait_for(asyncio.gather(*(one(run) for run in watched)), HOURS_S)
    for task in poisoned:
        assert not task.done(), "a run that cannot be read has no end"
        task.cancel()
    await asyncio.gather(*poisoned, return_exceptions=True)
    # The poller closes itself once nothing is watched any more.
    await asyncio.sleep(120.0)
    return {run.run_id: got for run, got in zip(watched, found, strict=True)}, client


def server_of(runs: list[tuple[int, float, float]], **more: Any) -> SimulatedServer:
    return SimulatedServer(
        {
            2**60 + number: SimulatedRun(2**60 + number, job, start, start + length)
            for number, (job, start, length) in enumerate(runs)
        },
        **more,
    )


def check_budget(sent_at: list[float]) -> None:
    """No stretch of time has more requests than a token bucket lets through."""
    level, last = 0.0, 0.0
    for moment in sent_at:
        level, last = max(0.0, level - (moment - last) * RATE_PER_S) + 1.0, moment
        assert level <= BURST + 1.01


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    runs=RUNS,
    faults=st.lists(st.none() | st.sampled_from(sorted(FAULTS)), max_size=60),
    poisons=st.lists(st.sampled_from(sorted(POISONS)), max_size=10),
    seed=st.integers(0, 1000),
)
def test_each_end_is_told_once_whatever_goes_wrong(
    runs: list[tuple[int, float, float]], faults: list[str | None], poisons: list[str], seed: int
) -> None:
    server = server_of(
        runs,
        faults=deque(FAULTS[name] if name else None for name in faults),
        # At least one run is answered.
        poison={2**60 + number: POISONS[name] for number, name in enumerate(poisons[: len(runs) - 1])},
    )
    told, _ = run_simulated(watch_all(server, seed))
    assert all(len(found) == 1 and isinstance(found[0], RunView) for found in told.values())
    check_budget(server.sent_at)


@settings(deadline=None, max_examples=10)
@given(names=st.lists(st.sampled_from(["throttled", "unavailable"]), min_size=1, max_size=30))
def test_nothing_is_sent_while_the_host_asked_for_a_pause(names: list[str]) -> None:
    server = server_of([(1, 0.0, 100.0)] * 30, faults=deque(FAULTS[name] for name in names))
    run_simulated(watch_all(server))
    # Requests that were on their way when it asked cannot be called back.
    assert server.sent_while_paused == 0


def test_an_outage_of_half_an_hour_costs_few_requests_and_loses_no_end() -> None:
    server = server_of([(1 + number % 3, 0.0, 900.0) for number in range(300)])
    outage: deque[Answer | None] = deque([FAULTS["unavailable"]] * 10_000)

    async def with_outage() -> Any:
        watching = asyncio.create_task(watch_all(server))
        await asyncio.sleep(300.0)
        server.faults = outage
        before = len(server.sent_at)
        await asyncio.sleep(1800.0)
        during = len(server.sent_at) - before
        server.faults = deque()
        return during, await watching

    during, (told, _) = run_simulated(with_outage())
    assert all(len(found) == 1 for found in told.values())
    # One look at a time finds out whether it is over, at most once a minute in the long run.
    assert during <= 120


def test_one_401_is_one_new_sign_in_for_all() -> None:
    server = server_of([(1, 0.0, 400.0)] * 100)

    async def expiring() -> Any:
        watching = asyncio.create_task(watch_all(server))
        await asyncio.sleep(200.0)
        server.faults = deque([FAULTS["unauthorised"]] * 1)
        return await watching

    _, client = run_simulated(expiring())
    assert client.sign_ins == 2


def test_a_poller_that_crashes_is_started_again_and_loses_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    crashes = iter([True, True, False, True])
    original = Poller._cycle

    async def sometimes(self: Poller, due: list[Watch]) -> None:
        if next(crashes, False):
            raise RuntimeError("a mistake")
        await original(self, due)

    monkeypatch.setattr(Poller, "_cycle", sometimes)
    server = server_of([(1, 0.0, 100.0)] * 30)
    told, _ = run_simulated(watch_all(server))
    assert all(len(found) == 1 for found in told.values())


def test_after_a_crash_runs_are_looked_at_one_by_one_for_a_while_and_then_in_lists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crashes = iter([True])
    original = Poller._cycle

    async def once(self: Poller, due: list[Watch]) -> None:
        if next(crashes, False):
            raise RuntimeError("a mistake")
        await original(self, due)

    monkeypatch.setattr(Poller, "_cycle", once)
    server = server_of([(1, 0.0, 1100.0)] * 60)
    run_simulated(watch_all(server))
    plain, listed = (sum(start < at < start + 290.0 for at, _ in server.looked_at) for start in (300.0, 700.0))
    assert plain > 4 * 60 > 4 * listed


def test_a_known_job_is_looked_at_rarely_before_its_usual_end_and_often_around_it() -> None:
    def latencies(*, history: bool) -> tuple[float, int]:
        past = [(7, -20_000.0, 1800.0 + number) for number in range(20)] if history else []
        server = server_of([*past, *((7, 0.0, 1800.0 + 20 * number) for number in range(10))])
        seen: list[float] = []

        async def one(poller: Poller, run: SimulatedRun) -> None:
            with poller.watching(run.run_id, 7, poll_interval_s=60.0, submitted_at=EPOCH_S) as watch:
                await ends(watch, server.told_at)
                seen.append(asyncio.get_running_loop().time() - 120.0 - run.ends_at)

        async def all_of_them() -> None:
            poller_clock = clock()
            client = InMemoryClient(server, RateBudget(), poller_clock)
            poller = Poller(client, clock=poller_clock, on_idle=lambda: None, log=LOG)
            await asyncio.gather(*(one(poller, run) for run in server.runs.values() if run.started_at == 0.0))
            await asyncio.sleep(120.0)

        run_simulated(all_of_them())
        return max(seen), len(server.sent_at)

    late_s, _ = latencies(history=False)
    early_s, _ = latencies(history=True)
    assert early_s <= 6.0 < late_s


def test_a_crowd_costs_far_less_than_looks_and_lists_of_all_that_is_active() -> None:
    server = server_of([(1, number / 10, 600.0 + 2 * number) for number in range(250)])
    told, _ = run_simulated(watch_all(server))
    assert all(len(found) == 1 for found in told.values())
    # Lists of active runs alone, with a look at each that is absent, took 4,364 requests.
    assert len(server.paths) <= 1500


def late_of(server: SimulatedServer) -> list[float]:
    """Give how long after its end each run's end was told."""
    return [at - server.runs[run_id].ends_at for run_id, at in server.told_at.items()]


@pytest.mark.parametrize("poison", sorted(POISONS))
@pytest.mark.parametrize("number", [1, 40])
def test_runs_that_are_never_answered_hold_up_no_others(number: int, poison: str) -> None:
    bad = [(100 + job, 0.0, HOURS_S) for job in range(number)]
    server = server_of([*bad, *((1 + job, 0.0, 600.0 + 30 * job) for job in range(10))])
    server.poison = dict.fromkeys(range(2**60, 2**60 + number), POISONS[poison])
    told, _ = run_simulated(watch_all(server))
    assert len(told) == 10
    assert all(len(found) == 1 for found in told.values())
    assert max(late_of(server)) <= POLL_S + 5.0


def test_whoever_watches_is_told_of_a_run_that_is_never_answered_and_others_are_not() -> None:
    async def notices() -> list[list[str]]:
        server = server_of([(0, 0.0, HOURS_S), (1, 0.0, HOURS_S)], poison={2**60: POISONS["server error"]})
        poller = Poller(InMemoryClient(server, RateBudget(), clock()), clock=clock(), on_idle=lambda: None, log=LOG)
        found: list[list[str]] = []
        with ExitStack() as both:
            watches = [
                both.enter_context(poller.watching(2**60 + job, job, poll_interval_s=POLL_S, submitted_at=EPOCH_S))
                for job in range(2)
            ]
            await asyncio.sleep(3600.0)
            for watch in watches:
                found.append([])
                while watch.has_news:
                    news = await watch.next_news()
                    found[-1] += [news.text] if isinstance(news, Notice) else []
        await asyncio.sleep(120.0)
        return found

    mine, others = run_simulated(notices())
    assert len(mine) == 1
    assert mine[0].startswith(f"cannot look at run {2**60}, trying on: ApiError: ")
    assert others == []


def test_a_list_that_fails_now_and_then_holds_up_only_its_own_runs() -> None:
    server = server_of([(1, number / 10, 600.0 + 2 * number) for number in range(250)])
    server.faults = deque([*[None] * 9, FAULTS["unavailable"]] * 10_000)
    told, _ = run_simulated(watch_all(server))
    assert all(len(found) == 1 for found in told.values())
    assert max(late_of(server)) <= 2 * POLL_S


def test_lists_that_are_refused_while_looks_are_answered_hide_no_end() -> None:
    server = server_of([(1 + number // 50, number / 10, 300.0) for number in range(150)])
    server.refused = "/api/2.2/jobs/runs/list"
    told, _ = run_simulated(watch_all(server))
    assert all(len(found) == 1 for found in told.values())


def test_a_sweep_shows_each_end_within_the_poll_interval() -> None:
    server = server_of([(1 + number % 40, number / 5, 300.0 + 3 * (number % 83)) for number in range(700)])
    told, _ = run_simulated(watch_all(server))
    assert all(len(found) == 1 for found in told.values())
    assert max(late_of(server)) <= POLL_S
    # A look at each run every 30 s would take 10,000.
    assert len(server.paths) <= 2500


def test_in_a_crowd_a_new_run_waits_for_others_but_never_longer_than_its_poll_interval() -> None:
    async def first_looks() -> list[float]:
        server = server_of([(1, 0.0, 3000.0)] * 1001)
        poller = Poller(InMemoryClient(server, RateBudget(), clock()), clock=clock(), on_idle=lambda: None, log=LOG)
        with ExitStack() as crowd:
            for run in list(server.runs.values())[:1000]:
                crowd.enter_context(poller.watching(run.run_id, 1, poll_interval_s=30.0, submitted_at=EPOCH_S))
            await asyncio.sleep(60.0)
            new, began, waited = 2**60 + 1000, asyncio.get_running_loop().time(), []
            for poll_s in (2.0, 30.0):
                with poller.watching(new, 1, poll_interval_s=poll_s, submitted_at=EPOCH_S) as watch:
                    await watch.next_news()
                waited.append(asyncio.get_running_loop().time() - began)
                began += waited[-1]
        await asyncio.sleep(120.0)
        return waited

    short, usual = run_simulated(first_looks())
    assert 0.5 <= short <= 4.0
    assert usual <= 7.0


def test_an_end_that_a_list_shows_takes_no_look() -> None:
    server = server_of([(1, number / 10, 600.0 + 2 * number) for number in range(250)])
    run_simulated(watch_all(server))
    looks = len(server.looked_at)
    assert looks <= 200


def test_an_end_from_before_the_run_was_asked_for_is_not_taken_from_a_list() -> None:
    class Lagging(SimulatedServer):
        """Lists what was before the runs were repaired."""

        def _answer(self, request: httpx.Request) -> httpx.Response:
            answer = super()._answer(request)
            if request.url.path.endswith("/runs/get"):
                return answer
            before: dict[str, Any] = {"state": {"life_cycle_state": "TERMINATED", "result_state": "FAILED"}}
            before |= {"start_time": (EPOCH_S - 900) * 1000, "end_time": (EPOCH_S - 60) * 1000}
            runs = [{"run_id": run.run_id, "job_id": run.job_id, **before} for run in self.runs.values()]
            return httpx.Response(200, json={"runs": runs})

    server = Lagging(server_of([(1, 0.0, 300.0)] * 20).runs)
    told, _ = run_simulated(watch_all(server))
    assert all(len(found) == 1 for found in told.values())
    assert min(late_of(server)) >= 0.0


def test_a_run_that_is_gone_is_noticed_though_no_list_tells_of_it() -> None:
    server = server_of([(1, 0.0, 3000.0) for _ in range(60)])
    gone = 2**60 + 7

    async def watching() -> None:
        everything = asyncio.create_task(watch_all(server))
        await asyncio.sleep(100.0)
        del server.runs[gone]
        told, _ = await everything
        assert told.pop(gone) == [Gone()]
        assert all(len(found) == 1 for found in told.values())

    run_simulated(watching())
