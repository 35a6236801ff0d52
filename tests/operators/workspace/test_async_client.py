"""The triggerer's client against the local workspace."""

import asyncio
from typing import Any

from tests.operators.helpers import Job, api

from airbrick.emulator import Emulator
from airbrick.operators.poller.registry import Registry
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.credentials import AuthKind, Credentials

GET = "/api/2.2/jobs/runs/get"


def test_who_leaves_does_not_cut_the_answers_of_the_others(workspace: Emulator, job: Job) -> None:
    run_id = api(workspace, "POST", "/api/2.2/jobs/run-now", job_id=job.job_id)["run_id"]
    workspace.fault(None, path=GET, skip=6, times=18, delay_s=0.3)
    settings = ConnectionSettings("c", workspace.host, Credentials(AuthKind.PAT, {"token": workspace.token}), "pat")

    async def read(_: str) -> ConnectionSettings:
        return settings

    async def work() -> list[Any]:
        registry = Registry(read=read)

        async def one() -> Any:
            poller = await registry.poller("c")
            async with poller.client as client:
                return (await client.call(wire.get_run(run_id)))["run_id"]

        return await asyncio.gather(*(one() for _ in range(24)), return_exceptions=True)

    assert asyncio.run(asyncio.wait_for(work(), 60)) == [run_id] * 24
