"""Several workspaces behind one address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import Unauthenticated
from databricks.sdk.service import jobs

from airbrick.emulator import Emulator, ManualClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from airbrick.emulator.workspace import Workspace


@pytest.fixture
def first() -> Iterator[Emulator]:
    with Emulator(clock=ManualClock()) as emulator:
        yield emulator


@pytest.fixture
def second(first: Emulator) -> Workspace:
    return first.add_workspace()


def client_of(workspace: Workspace) -> WorkspaceClient:
    return WorkspaceClient(host=workspace.host, token=workspace.token)


def job(client: WorkspaceClient, name: str) -> int:
    task = jobs.Task(task_key="t", notebook_task=jobs.NotebookTask("/x"))
    return client.jobs.create(name=name, tasks=[task]).job_id or 0


def names(client: WorkspaceClient) -> list[str | None]:
    return [item.settings.name for item in client.jobs.list() if item.settings]


def test_tokens_of_different_workspaces_see_different_jobs(first: Emulator, second: Workspace) -> None:
    assert second.host == first.host
    assert second.token != first.token
    assert second.workspace_id != first.workspace_id
    one, two = client_of(first), client_of(second)
    job(one, "one")
    job(two, "two")
    assert (names(one), names(two)) == (["one"], ["two"])
    first.reset()
    assert (names(one), names(two)) == ([], ["two"])


def test_service_principals_sign_in_to_their_own_workspace(first: Emulator, second: Workspace) -> None:
    job(client_of(second), "two")
    oauth = WorkspaceClient(host=second.host, client_id=second.client_id, client_secret=second.client_secret)
    assert names(oauth) == ["two"]
    form = {"grant_type": "client_credentials", "client_id": second.client_id, "client_secret": second.client_secret}
    token = httpx.post(f"{first.host}/oidc/v1/token", data=form).json()["access_token"]
    assert names(WorkspaceClient(host=first.host, token=token)) == ["two"]
    minted = client_of(second).tokens.create().token_value
    assert names(WorkspaceClient(host=first.host, token=minted)) == ["two"]


def test_a_token_that_nobody_knows_is_refused(first: Emulator, second: Workspace) -> None:
    with pytest.raises(Unauthenticated):
        WorkspaceClient(host=first.host, token="wrong").current_user.me()


def test_plans_faults_and_records_are_a_workspaces_own(first: Emulator, second: Workspace) -> None:
    first.plan(result="FAILED", run_s=0, setup_s=0)
    second.fault("outage", path="/api/2.2/jobs/list", status=500)
    one, two = client_of(first), client_of(second)
    assert names(one) == []
    run_id = two.jobs.run_now(job(two, "two")).run_id or 0
    first.advance(60)
    state = two.jobs.get_run(run_id).state
    assert state is not None
    assert state.result_state is jobs.RunResultState.SUCCESS
    assert second.clock.now() == first.clock.now()
    assert len(first.requests("POST", "/api/2.2/jobs/create")) == 0
    assert len(second.requests("POST", "/api/2.2/jobs/create")) == 1


def test_administration_and_pages_name_a_workspace_by_its_id(first: Emulator, second: Workspace) -> None:
    job(client_of(second), "two")
    with httpx.Client(base_url=first.host, timeout=60) as http:
        assert http.get("/_local/state").json()["jobs"] == []
        assert len(http.get("/_local/state", params={"o": second.workspace_id}).json()["jobs"]) == 1
        assert "two" in http.get("/", params={"o": second.workspace_id}).text
        assert "two" not in http.get("/").text


def test_programs_add_workspaces(first: Emulator) -> None:
    with httpx.Client(base_url=first.host, timeout=60) as http:
        made = http.post("/_local/workspaces").json()
        client = WorkspaceClient(host=made["host"], token=made["token"])
        assert client.current_user.me().user_name == "engineer@example.com"
        listed = http.get("/_local/workspaces").json()["workspaces"]
        assert listed == [{"workspace_id": first.workspace_id}, {"workspace_id": made["workspace_id"]}]
        assert made["token"] not in http.get("/_local/workspaces").text


def test_a_state_file_keeps_all_workspaces(tmp_path: Path) -> None:
    with Emulator(clock=ManualClock(), state=tmp_path / "state") as first:
        first.advance(1000)
        second, third = first.add_workspace(), first.add_workspace()
        clients = {made.token: WorkspaceClient(host=first.host, token=made.token) for made in (first, second, third)}
        for number, client in enumerate(clients.values()):
            client.secrets.create_scope(f"scope{number}")
        kept = {made.token: (made.workspace_id, made.client_id, made.client_secret) for made in (first, second, third)}
        second.plan(run_s=50)
        first.advance(10)
        before = [httpx.get(f"{first.host}/_local/state?o={made[0]}").json() for made in kept.values()]
    for _ in range(2):
        with Emulator(clock=ManualClock(), state=tmp_path / "state") as again:
            assert [httpx.get(f"{again.host}/_local/state?o={made[0]}").json() for made in kept.values()] == before
            for number, (token, made) in enumerate(kept.items()):
                client = WorkspaceClient(host=again.host, token=token)
                assert [scope.name for scope in client.secrets.list_scopes()] == [f"scope{number}"]
                oauth = WorkspaceClient(host=again.host, client_id=made[1], client_secret=made[2])
                assert oauth.current_user.me().user_name == made[1]
    with Emulator(clock=ManualClock(), state=tmp_path / "state") as again:
        fourth = again.add_workspace()
        WorkspaceClient(host=again.host, token=fourth.token).secrets.create_scope("last")
    with Emulator(clock=ManualClock(), state=tmp_path / "state") as again:
        scopes = WorkspaceClient(host=again.host, token=fourth.token).secrets.list_scopes()
        assert [scope.name for scope in scopes] == ["last"]
