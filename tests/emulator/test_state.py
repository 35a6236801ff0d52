"""A workspace that is kept in a file comes back as it was."""

from __future__ import annotations

import base64
import contextlib
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.jobs import SparkPythonTask, Task
from tests.emulator.helpers import JOBS, Api, task
from tests.emulator.lab import Lab, Lifeline

from airbrick.emulator import Emulator, EmulatorError, ManualClock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def api_of() -> Iterator[Callable[[Emulator], Api]]:
    with contextlib.ExitStack() as stack:

        def connect(workspace: Emulator) -> Api:
            headers = {"Authorization": f"Bearer {workspace.token}"}
            return Api(stack.enter_context(httpx.Client(base_url=workspace.host, headers=headers)))

        yield connect


def whole(api: Api) -> dict[str, Any]:
    return api.get("/_local/state")


def change_everything(workspace: Emulator, api: Api) -> dict[str, Any]:
    """Change something of every kind, with failures and looks between."""
    workspace.plan(task="load", attempt=0, result="FAILED", values={"rows": 3})
    api.post("/_local/plans", {"job": "polled", "progress": "polls"})
    inner = api.create("inner", max_concurrent_runs=5)
    call = {"task_key": "call", "run_job_task": {"job_id": inner}, "depends_on": [{"task_key": "load"}]}
    outer = api.create("outer", tasks=[task("load", max_retries=1), call], max_concurrent_runs=5)
    runs = {"outer": api.run_now(outer, idempotency_token="once"), "polled": api.run_now(api.create("polled"))}
    workspace.advance(3)
    api.run(runs["polled"])
    assert api.error("POST", f"{JOBS}/runs/repair", {"run_id": runs["outer"], "rerun_tasks": ["load"]})[0] == 400
    workspace.advance(12)
    runs["inner"] = api.get(f"{JOBS}/runs/list", job_id=inner)["runs"][0]["run_id"]
    content = base64.b64encode("# Databricks notebook source\nprint('é')\n".encode()).decode()
    api.post("/api/2.0/workspace/import", {"path": "/Shared/n.py", "format": "AUTO", "content": content})
    api.post("/api/2.0/secrets/scopes/create", {"scope": "s"})
    api.post("/api/2.0/secrets/put", {"scope": "s", "key": "k", "string_value": "hidden"})
    runs["submitted"] = api.post(f"{JOBS}/runs/submit", {"tasks": [task("a"), task("b", "a")]})["run_id"]
    workspace.advance(1)
    api.post(f"{JOBS}/runs/cancel", {"run_id": runs["submitted"]})
    workspace.advance(100)
    api.post(f"{JOBS}/runs/repair", {"run_id": runs["submitted"], "rerun_all_failed_tasks": True})
    return runs


def test_a_workspace_comes_back_as_it_was_and_goes_on(tmp_path: Path, api_of: Callable[[Emulator], Api]) -> None:
    path = tmp_path / "state"
    with Emulator(clock=ManualClock(), state=path) as first:
        api = api_of(first)
        runs = change_everything(first, api)
        before, token, secret = whole(api), first.token, first.client_secret
        granted = httpx.post(
            f"{first.host}/oidc/v1/token",
            data={"grant_type": "client_credentials", "scope": "all-apis"},
            auth=(first.client_id, first.client_secret),
        ).json()["access_token"]
    with Emulator(clock=ManualClock(), state=path) as second:
        api = api_of(second)
        assert (second.token, second.client_secret) == (token, secret)
        after = whole(api)
        urls = ("run_page_url",)
        assert strip(after, urls) == strip(before, urls)
        assert api.run_now(1, idempotency_token="once") == runs["outer"]
        value = api.get("/api/2.0/secrets/get", scope="s", key="k")["value"]
        assert base64.b64decode(value) == b"hidden"
        exported = api.get("/api/2.0/workspace/export", path="/Shared/n")["content"]
        assert "é" in base64.b64decode(exported).decode()
        listed = httpx.get(f"{second.host}{JOBS}/list", headers={"Authorization": f"Bearer {granted}"})
        assert listed.status_code == 200
        known = set(runs.values())
        assert api.run_now(api.create("new")) not in known
        second.advance(100)
        assert api.run(runs["submitted"])["state"]["result_state"] == "SUCCESS"


def strip(value: Any, names: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {name: strip(item, names) for name, item in value.items() if name not in names}
    return [strip(item, names) for item in value] if isinstance(value, list) else value


def test_time_that_passed_while_it_was_down_has_passed(tmp_path: Path, api_of: Callable[[Emulator], Api]) -> None:
    with Emulator(clock=SystemClock(1000), state=tmp_path / "s") as first:
        first.plan(run_s=30)
        api = api_of(first)
        run_id = api.run_now(api.create())
    with Emulator(clock=SystemClock(), state=tmp_path / "s") as second:
        api = api_of(second)
        start_ms = api.run(run_id)["start_time"]
        assert second.clock.now() * 1000 >= start_ms
        second.advance(100)
        assert api.run(run_id)["state"]["result_state"] == "SUCCESS"


def test_a_reset_is_kept(tmp_path: Path, api_of: Callable[[Emulator], Api]) -> None:
    with Emulator(state=tmp_path / "s") as first:
        api_of(first).create()
        first.reset()
        api_of(first).create("only")
    with Emulator(state=tmp_path / "s") as second:
        assert [job["settings"]["name"] for job in whole(api_of(second))["jobs"]] == ["only"]


def test_another_token_or_kind_of_ids_is_refused(tmp_path: Path) -> None:
    with Emulator(state=tmp_path / "s", token="mine"):
        pass
    with pytest.raises(EmulatorError, match="another token"):
        Emulator(state=tmp_path / "s", token="other")
    with pytest.raises(EmulatorError, match="other ids"):
        Emulator(state=tmp_path / "s", big_ids=False)
    with Emulator(state=tmp_path / "s", token="mine"):
        pass


def test_executed_runs_come_back_and_lost_code_fails(tmp_path: Path) -> None:
    with Emulator(execute=True, state=tmp_path / "s") as first:
        lab = Lab(first, WorkspaceClient(host=first.host, token=first.token))
        run, output = lab.script("print('kept')", [])
        line = Lifeline(tmp_path / "pipe")
        lab.upload("/Shared/long.py", line.code)
        lost = lab.start([Task(task_key="long", spark_python_task=SparkPythonTask("/Shared/long.py"), max_retries=1)])
        line.wait_for_word()
    with Emulator(execute=True, state=tmp_path / "s") as second:
        lab = Lab(second, WorkspaceClient(host=second.host, token=second.token))
        assert lab.output(run, "script")["logs"] == output["logs"] == "kept\n"
        attempts = lab.client.jobs.get_run(lost).as_dict()["tasks"]
        assert attempts[0]["state"]["result_state"] == "FAILED"
        assert "was restarted" in attempts[0]["state"]["state_message"]
        assert len(attempts) == 2
        lab.client.jobs.cancel_run(lost)
        second.wait_for_runs(20)
