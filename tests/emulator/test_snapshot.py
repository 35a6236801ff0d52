"""A start from a snapshot is a start from the whole journal, in less time."""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.emulator.helpers import JOBS, Api, task
from tests.emulator.test_state import change_everything, strip, whole

from airbrick.emulator import Emulator, ManualClock, archive, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STATE, SNAPSHOT = "state", "state.snapshot"


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a snapshot at every start that handled anything again."""
    monkeypatch.setattr(archive, "_REDONE_AT_MOST", 0)


@contextlib.contextmanager
def served(folder: Path, **options: Any) -> Iterator[tuple[Emulator, Api]]:
    with Emulator(clock=ManualClock(), state=folder / STATE, **options) as workspace:
        headers = {"Authorization": f"Bearer {workspace.token}"}
        with httpx.Client(base_url=workspace.host, headers=headers, timeout=60) as http:
            yield workspace, Api(http)


def change_more(workspace: Emulator, api: Api) -> None:
    """Change what the other changes left alone."""
    api.post("/api/2.0/policies/clusters/create", {"name": "p", "definition": "{}"})
    cluster = {"spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1}
    key = api.post("/api/2.1/clusters/create", {"cluster_name": "c", **cluster})["cluster_id"]
    pool = {"instance_pool_name": "pool", "node_type_id": "i3.xlarge"}
    api.post("/api/2.0/instance-pools/create", pool)
    user = api.post("/api/2.0/preview/scim/v2/Users", {"userName": "somebody@example.com"})
    api.post("/api/2.0/preview/scim/v2/Groups", {"displayName": "g", "members": [{"value": user["id"]}]})
    workspace.token_of("somebody@example.com")
    workspace.plan_statement(statement="planned", run_s=500)
    loop = {"task_key": "loop", "for_each_task": {"inputs": "[1, 2]", "task": task("each", max_retries=1)}}
    looping = api.create("looping", tasks=[loop], queue={"enabled": True})
    for _ in range(3):
        api.run_now(looping)
    workspace.advance(5)
    api.post("/api/2.1/clusters/delete", {"cluster_id": key})
    warehouse = api.get("/api/2.0/sql/warehouses")["warehouses"][0]["id"]
    api.post(f"/api/2.0/sql/warehouses/{warehouse}/start", {})
    workspace.add_workspace().plan(job="other")


def go_on(workspace: Emulator, api: Api, runs: dict[str, int]) -> list[Any]:
    """Return what a workspace shows while it goes on."""
    shown: list[Any] = [whole(api)]
    workspace.advance(3)
    shown.append(api.run_now(1, idempotency_token="once"))
    job_id = api.create("new", tasks=[task("a", max_retries=2)], max_concurrent_runs=1)
    shown += [job_id, api.run_now(job_id), workspace.token_of("somebody@example.com")]
    shown += [api.run(run_id) for run_id in runs.values()]
    workspace.advance(5000)
    repair = {"run_id": runs["outer"], "rerun_all_failed_tasks": True}
    shown.append(api.call("POST", f"{JOBS}/runs/repair", repair).json())
    others = [item["workspace_id"] for item in api.get("/_local/workspaces")["workspaces"]]
    shown += [api.get("/_local/state", o=other) for other in others]
    assert len(others) == 2
    return [strip(item, ("run_page_url",)) if isinstance(item, dict) else item for item in shown]


def test_a_start_from_a_snapshot_is_a_start_from_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = tmp_path / "short", tmp_path / "long"
    short.mkdir()
    with served(short) as (workspace, api):
        runs = change_everything(workspace, api)
        change_more(workspace, api)
    shutil.copytree(short, long)
    with served(short) as (_, api):
        before = whole(api)
    assert (short / SNAPSHOT).stat().st_mode & 0o777 == 0o600
    with monkeypatch.context() as patched:
        patched.setattr(archive, "_redo", None)
        with served(short) as (_, api):
            assert strip(whole(api), ("run_page_url",)) == strip(before, ("run_page_url",))
    with served(short) as (workspace, api):
        from_snapshot = go_on(workspace, api, runs)
    with served(long) as (workspace, api):
        assert go_on(workspace, api, runs) == from_snapshot
    with served(short) as (workspace, api), served(long) as (_, other):
        assert strip(whole(api), ("run_page_url",)) == strip(whole(other), ("run_page_url",))


def test_options_are_those_of_the_start(tmp_path: Path) -> None:
    for _ in range(2):
        with served(tmp_path) as (workspace, api):
            api.create()
    with served(tmp_path, oauth_ttl_s=7) as (workspace, api):
        run_id = api.run_now(api.create())
        assert api.run(run_id)["run_page_url"].startswith(workspace.host)
        sent = {"grant_type": "client_credentials"}
        answer = httpx.post(
            f"{workspace.host}/oidc/v1/token", data=sent, auth=(workspace.client_id, workspace.client_secret)
        )
        assert answer.json()["expires_in"] == 7


@pytest.mark.parametrize("broken", [b"", b"{", b'{"code":"other","data":"","journal":"","size_bytes":1}\n'])
def test_a_snapshot_that_is_no_good_is_done_without(tmp_path: Path, broken: bytes) -> None:
    for _ in range(2):
        with served(tmp_path) as (_, api):
            kept = api.create()
    good = (tmp_path / SNAPSHOT).read_bytes()
    for data in (broken, good[:-1], good.replace(b"job", b"jab")):
        (tmp_path / SNAPSHOT).write_bytes(data)
        with served(tmp_path) as (_, api):
            assert kept in [job["job_id"] for job in whole(api)["jobs"]]


def test_a_snapshot_of_another_journal_is_done_without(tmp_path: Path) -> None:
    for _ in range(2):
        with served(tmp_path) as (_, api):
            api.create()
    (tmp_path / STATE).unlink()
    with served(tmp_path) as (_, api):
        assert whole(api)["jobs"] == []


def test_a_snapshot_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / SNAPSHOT).mkdir()
    for count in range(3):
        with served(tmp_path) as (_, api):
            assert len(whole(api)["jobs"]) == count
            api.create()
    assert {path.name for path in tmp_path.iterdir()} == {STATE, SNAPSHOT}


def test_only_parts_of_a_workspace_come_out_of_a_snapshot(tmp_path: Path) -> None:
    with served(tmp_path) as (workspace, _):
        with pytest.raises(pickle.UnpicklingError, match="system is no part of a workspace"):
            snapshot.thaw(workspace._store, pickle.dumps({"jobs": os.system}))
        with pytest.raises(pickle.UnpicklingError, match="is no class"):
            snapshot.thaw(workspace._store, pickle.dumps({"jobs": snapshot.thaw}))
