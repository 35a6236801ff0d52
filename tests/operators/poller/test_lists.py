"""Lists of the local workspace's runs, read as the poller reads them."""

import asyncio
from collections.abc import Iterator

import pytest
from tests.operators.helpers import Job, api, provision
from tests.operators.poller.simulated import EPOCH_S, InMemoryClient, SimulatedRun, SimulatedServer, clock

from airbrick.emulator import Emulator, ManualClock
from airbrick.operators.poller.budget import RateBudget
from airbrick.operators.poller.clock import PollerClock
from airbrick.operators.poller.lists import Listed, Lists
from airbrick.operators.poller.plan import Listing, Part, Sight
from airbrick.operators.runs.view import Phase, RunView
from airbrick.operators.workspace.async_client import AsyncWorkspaceClient
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.credentials import AuthKind, Credentials


@pytest.fixture
def workspace() -> Iterator[Emulator]:
    with Emulator(clock=ManualClock()) as emulator:
        yield emulator


@pytest.fixture
def job(workspace: Emulator) -> Job:
    return provision(workspace, "many", max_concurrent_runs=1000)


def read(workspace: Emulator, listing: Listing, due: list[Sight]) -> Listed:
    settings = ConnectionSettings("c", workspace.host, Credentials(AuthKind.PAT, {"token": workspace.token}), "pat")

    async def connection() -> ConnectionSettings:
        return settings

    async def work() -> Listed:
        client = AsyncWorkspaceClient(workspace.host, read=connection, budget=RateBudget(), clock=PollerClock())
        async with client:
            return await Lists(client).read(Part((listing,), tuple(due), tuple(due)))

    return asyncio.run(work())


def start(workspace: Emulator, job: Job, runs: int) -> list[Sight]:
    """Start runs, one a minute."""
    sights = []
    for _ in range(runs):
        run_id = api(workspace, "POST", "/api/2.2/jobs/run-now", job_id=job.job_id)["run_id"]
        started_at = api(workspace, "GET", f"/api/2.2/jobs/runs/get?run_id={run_id}")["start_time"] / 1000
        sights.append(Sight(run_id, job.job_id, started_at, started_at=started_at))
        workspace.advance(60)
    return sights


def test_a_whole_list_of_ended_runs_shows_which_are_still_active(workspace: Emulator, job: Job) -> None:
    workspace.plan(run_s=150)
    sights = start(workspace, job, 5)
    listed = read(workspace, Listing(job.job_id, ended=True, since_s=sights[1].started_at), sights)
    assert set(listed.runs) == {sight.run_id for sight in sights[1:3]}
    assert all(run.ended for run in listed.runs.values())
    # The first started before the window: nothing is known of it.
    assert [listed.shows_absence(sight) for sight in sights] == [False, True, True, True, True]


def test_a_list_that_is_not_worth_its_end_tells_of_what_it_showed(workspace: Emulator, job: Job) -> None:
    workspace.plan(run_s=1)
    sights = start(workspace, job, 30)
    listed = read(workspace, Listing(job.job_id, ended=True), sights[:1])
    assert listed.pages == 1
    assert [listed.shows_absence(sight) for sight in sights] == [False] * 6 + [True] * 24


def test_a_window_of_active_runs_leaves_out_those_before_and_after(workspace: Emulator, job: Job) -> None:
    workspace.plan(run_s=100_000)
    sights = start(workspace, job, 6)
    window = Listing(job.job_id, since_s=sights[1].started_at, until_s=sights[3].started_at)
    listed = read(workspace, window, sights)
    assert set(listed.runs) == {sight.run_id for sight in sights[1:4]}
    assert not any(listed.shows_absence(sight) for sight in sights)


def test_lists_learn_how_crowded_they_are_and_forget_what_is_over() -> None:
    async def work() -> None:
        server = SimulatedServer({number: SimulatedRun(number, 7, float(number), -1.0) for number in range(1, 101)})
        lists = Lists(InMemoryClient(server, RateBudget(), clock()))
        young = [Sight(run, 7, 1.0, started_at=EPOCH_S + run - 999.0) for run in range(1000, 1100)]
        before = lists.plan(young, young, 0.0)
        assert before.cost == 1
        lists.ended(RunView(1, 7, Phase.ENDED, "TERMINATED", started_at=EPOCH_S + 50.0))
        await lists.read(before.parts[0])
        # Ninety-nine strangers for one of ours: that window again, or active runs alone.
        assert lists.plan(young, young, 0.0).cost == 4
        lists.forget([])
        assert lists.plan(young, young, 0.0) == before

    asyncio.run(work())
