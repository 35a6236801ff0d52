"""The hook, on a real Airflow and the local workspace."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from tests.operators.helpers import Job, api, posts
from tests.operators.tasks import Airflow

from airbrick.emulator import Emulator
from airbrick.operators import Call, WorkspaceHook
from airbrick.operators.errors import ApiError, ConnectionMissingError, NotFoundError, UnavailableError
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.patient_client import PatientClient


def test_a_hook_reaches_the_workspace(airflow: Airflow, workspace: Emulator) -> None:
    with WorkspaceHook().get_conn() as client:
        assert client.call(wire.current_user())["userName"]


def test_a_connection_that_works_says_who_it_is(airflow: Airflow, workspace: Emulator) -> None:
    airflow.connect(
        conn_type="databricks",
        host=workspace.host,
        login=workspace.client_id,
        password=workspace.client_secret,
        extra={"service_principal_oauth": True},
    )
    assert WorkspaceHook().test_connection() == (
        True,
        f"signed in at {workspace.host} as {workspace.client_id}",
    )


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"conn_type": "databricks", "password": "dapi-x"}, "host: is missing"),
        ({"conn_type": "databricks", "host": "HOST", "password": "dapi-wrong"}, "401 UNAUTHENTICATED"),
    ],
)
def test_a_connection_that_does_not_says_why_without_its_secret(
    fields: dict[str, str], says: str, airflow: Airflow, workspace: Emulator
) -> None:
    airflow.connect(**{name: workspace.host if value == "HOST" else value for name, value in fields.items()})
    ok, text = WorkspaceHook().test_connection()
    assert not ok
    assert says in text
    assert "dapi-" not in text


def test_airflows_test_button_uses_it(airflow: Airflow) -> None:
    from airflow.sdk import Connection

    ok, text = Connection.get("databricks_default").test_connection()
    assert ok, text


class TestAsync:
    """The client for triggers and asynchronous tasks."""

    @staticmethod
    def ask(work: Callable[[PatientClient], Awaitable[Any]]) -> Any:
        async def use() -> Any:
            async with WorkspaceHook().get_async_conn() as workspace:
                return await work(workspace)

        return asyncio.run(use())

    def test_it_signs_in_and_answers_as_the_other_does(self, airflow: Airflow, workspace: Emulator, job: Job) -> None:
        airflow.connect(
            conn_type="databricks",
            host=workspace.host,
            login=workspace.client_id,
            password=workspace.client_secret,
            extra={"service_principal_oauth": True},
        )
        run_id = api(workspace, "POST", "/api/2.2/jobs/run-now", job_id=job.job_id)["run_id"]
        with WorkspaceHook().get_conn() as client:
            assert self.ask(lambda found: found.run(run_id)) == client.run(run_id)
            assert self.ask(lambda found: found.runs_since(job.job_id, 0)) == client.runs_since(job.job_id, 0)
            assert self.ask(lambda found: found.call(wire.current_user())) == client.call(wire.current_user())

    @pytest.mark.parametrize("preset", ["half_body", "outage", "throttle", "token_expired"])
    def test_each_fault_is_waited_out(self, preset: str, airflow: Airflow, workspace: Emulator) -> None:
        workspace.fault(preset, path="/api/2.0/preview/scim/v2/Me", times=1)
        assert self.ask(lambda found: found.call(Call("GET", "/api/2.0/preview/scim/v2/Me")))["userName"]

    def test_an_outage_that_goes_on_says_for_how_long(self, airflow: Airflow, workspace: Emulator) -> None:
        workspace.fault("outage", path="/api/2.0/preview/scim/v2/Me", times=10_000)
        with pytest.raises(UnavailableError, match="did not answer usefully"):
            self.ask(lambda found: found.call(wire.current_user()))

    @pytest.mark.parametrize(("preset", "sent"), [("lost_ack", 1), ("throttle", 2)])
    def test_what_must_not_be_sent_twice_is_sent_once(
        self, preset: str, sent: int, airflow: Airflow, workspace: Emulator
    ) -> None:
        create = Call("POST", "/api/2.2/jobs/create", body={"name": "mine"})
        before = posts(workspace, create.path)
        workspace.fault(preset, path=create.path, times=1)
        with suppress(ApiError):
            self.ask(lambda found: found.call_once(create))
        assert posts(workspace, create.path) - before == sent
        assert [job["settings"]["name"] for job in api(workspace, "GET", "/api/2.2/jobs/list")["jobs"]].count(
            "mine"
        ) == 1

    def test_a_run_that_does_not_exist_is_said_to(self, airflow: Airflow) -> None:
        with pytest.raises(NotFoundError):
            self.ask(lambda found: found.run(404))

    def test_a_connection_that_does_not_exist_is_named(self, airflow: Airflow) -> None:
        async def use() -> None:
            async with WorkspaceHook("nowhere").get_async_conn():
                pass

        with pytest.raises(ConnectionMissingError, match="nowhere"):
            asyncio.run(use())

    def test_an_asynchronous_task_uses_it(self, airflow: Airflow, workspace: Emulator) -> None:
        task = airflow.dag_run(
            """
            from airflow.sdk import task

            @task
            async def etl():
                async with WorkspaceHook().get_async_conn() as workspace:
                    return (await workspace.call(Call("GET", "/api/2.0/preview/scim/v2/Me")))["userName"]

            etl()
            """
        )
        ended = task.attempt()
        assert ended.state == "success", ended.error
        assert task.xcoms()["return_value"]
