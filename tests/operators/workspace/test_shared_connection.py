"""Connections that share an identity: one that fails does not stop what another one can do."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.operators.helpers import Job, api

from airbrick.emulator import Emulator
from airbrick.operators.errors import AirflowConnectionError, ConnectionMissingError
from airbrick.operators.poller.registry import Registry
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.credentials import AuthKind, Credentials
from airbrick.operators.workspace.shared_connection import SharedConnection

GET = "/api/2.2/jobs/runs/get"


def settings_of(conn_id: str, host: str = "https://w", identity: str = "sp", **options: str) -> ConnectionSettings:
    return ConnectionSettings(conn_id, host, Credentials(AuthKind.OAUTH_M2M, options), identity)


class Connections:
    """What Airflow has."""

    def __init__(self, *settings: ConnectionSettings) -> None:
        self.by_id = {one.conn_id: one for one in settings}

    async def read(self, conn_id: str) -> ConnectionSettings:
        if conn_id not in self.by_id:
            raise ConnectionMissingError(conn_id)
        return self.by_id[conn_id]

    def shared(self) -> SharedConnection:
        shared = SharedConnection("https://w", "sp", read=self.read)
        for conn_id in ("a", "b", "a"):
            shared.add(conn_id)
        return shared


def test_a_connection_that_works_is_read_alone() -> None:
    shared = Connections(settings_of("a"), settings_of("b")).shared()
    assert [asyncio.run(shared.read()).conn_id for _ in range(3)] == ["a", "a", "a"]


def test_a_connection_whose_secret_is_refused_gives_way_to_the_next() -> None:
    shared = Connections(settings_of("a"), settings_of("b")).shared()
    shared.turn()
    assert [asyncio.run(shared.read()).conn_id for _ in range(2)] == ["b", "b"]
    shared.turn()
    assert asyncio.run(shared.read()).conn_id == "a"


@pytest.mark.parametrize("changed", [settings_of("a", "https://other"), settings_of("a", identity="somebody")])
def test_a_connection_that_leads_elsewhere_is_used_only_if_there_is_no_other(changed: ConnectionSettings) -> None:
    airflow = Connections(changed, settings_of("b"))
    shared = airflow.shared()
    assert [asyncio.run(shared.read()).conn_id for _ in range(2)] == ["b", "b"]
    del airflow.by_id["b"]
    assert asyncio.run(shared.read()) == changed


def test_where_no_connection_is_left_that_is_said() -> None:
    airflow = Connections(settings_of("b"))
    shared = airflow.shared()
    assert asyncio.run(shared.read()).conn_id == "b"
    airflow.by_id.clear()
    with pytest.raises(AirflowConnectionError):
        asyncio.run(shared.read())


@pytest.mark.parametrize("what", ["deleted", "moved", "old secret"])
@pytest.mark.parametrize("signed_in", [False, True])
def test_whoever_has_a_connection_that_works_is_answered_at_once(
    what: str, signed_in: bool, workspace: Emulator, job: Job
) -> None:
    run_id = api(workspace, "POST", "/api/2.2/jobs/run-now", job_id=job.job_id)["run_id"]
    options = {"client_id": workspace.client_id, "client_secret": workspace.client_secret}
    first, second = (settings_of(conn_id, workspace.host, **options) for conn_id in ("a", "b"))
    airflow = Connections(first, second)

    async def work() -> Any:
        registry = Registry(read=airflow.read)
        poller = await registry.poller("a")
        assert await registry.poller("b") is poller
        async with poller.client as client:
            if signed_in:
                await client.call(wire.get_run(run_id))
                workspace.fault("token_expired", path=GET, times=1)
            old = Credentials(AuthKind.OAUTH_M2M, options | {"client_secret": "rotated"})
            after = {
                "deleted": {},
                "moved": {"a": replace(first, host="https://other")},
                "old secret": {"a": replace(first, credentials=old)},
            }
            airflow.by_id = {**after[what], "b": second}
            return (await client.call(wire.get_run(run_id)))["run_id"]

    assert asyncio.run(asyncio.wait_for(work(), 60)) == run_id
