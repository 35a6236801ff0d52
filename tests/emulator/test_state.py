"""A workspace that is kept in a file comes back as it was."""

from __future__ import annotations

import base64
import contextlib
import errno
import os
import resource
import signal
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import PermissionDenied
from tests.emulator.helpers import JOBS, Api, task

from airbrick.emulator import Emulator, EmulatorError, Limits, ManualClock, PortInUseError, SystemClock
from airbrick.emulator.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def api_of() -> Iterator[Callable[[Emulator], Api]]:
    with contextlib.ExitStack() as stack:

        def connect(workspace: Emulator) -> Api:
            headers = {"Authorization": f"Bearer {workspace.token}"}
            return Api(stack.enter_context(httpx.Client(base_url=workspace.host, headers=headers, timeout=60)))

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


def test_what_code_does_through_the_handle_is_kept(tmp_path: Path, api_of: Callable[[Emulator], Api]) -> None:
    with Emulator(clock=ManualClock(), state=tmp_path / "s", enforce_permissions=True) as first:
        admin = WorkspaceClient(host=first.host, token=first.token)
        loader = admin.service_principals.create(display_name="loader").application_id
        assert loader is not None
        token = first.token_of(loader)
        first.plan_statement(statement="*", run_s=0)
        first.forget()
        first.plan(run_s=50)
        now_s = first.advance(1000)
        made = api_of(first).create("last")
    with Emulator(clock=ManualClock(), state=tmp_path / "s", enforce_permissions=True) as second:
        guest = WorkspaceClient(host=second.host, token=token)
        assert guest.current_user.me().user_name == loader
        with pytest.raises(PermissionDenied):
            guest.jobs.get(made)
        api = api_of(second)
        assert second.clock.now() == now_s
        assert [plan["run_s"] for plan in api.get("/_local/plans")["plans"]] == [50]
        assert api.get("/_local/statement-plans")["plans"] == []
        assert [job["job_id"] for job in whole(api)["jobs"]] == [made]


def test_ids_after_a_reset_through_the_handle_are_the_same(tmp_path: Path, api_of: Callable[[Emulator], Api]) -> None:
    with Emulator(clock=ManualClock(), state=tmp_path / "s") as first:
        first.reset()
        before = whole(api_of(first))
    with Emulator(clock=ManualClock(), state=tmp_path / "s") as second:
        assert whole(api_of(second)) == before | {"runs": []}


def test_what_was_granted_is_not_judged_again(tmp_path: Path, api_of: Callable[[Emulator], Api]) -> None:
    with Emulator(clock=ManualClock(), state=tmp_path / "s", oauth_ttl_s=3600) as first:
        client = WorkspaceClient(host=first.host, client_id=first.client_id, client_secret=first.client_secret)
        assert client.current_user.me().user_name == first.client_id
        first.advance(60)
        client.secrets.create_scope("by-oauth")
        pat = client.tokens.create(comment="short", lifetime_seconds=30).token_value
        WorkspaceClient(host=first.host, token=pat).secrets.create_scope("by-pat")
        admin = WorkspaceClient(host=first.host, token=first.token)
        for token in list(client.tokens.list()):
            client.tokens.delete(token.token_id or "")
        first.advance(60)
        api = api_of(first)
        jobs = [api.create(f"j{number}") for number in range(3)]
        admin.service_principals.delete(first._store.tokens.service_principal.id)
    few = Limits(jobs=1, job_creations_per_hour=1)
    with Emulator(clock=ManualClock(), state=tmp_path / "s", oauth_ttl_s=1, limits=few) as second:
        state = whole(api_of(second))
        assert [scope["name"] for scope in state["scopes"]] == ["by-oauth", "by-pat"]
        assert [job["job_id"] for job in state["jobs"]] == jobs
        assert api_of(second).error("POST", f"{JOBS}/create", {"name": "more"})[1] == "QUOTA_EXCEEDED"


def test_the_file_holds_no_token_that_a_request_carried(tmp_path: Path, api_of: Callable[[Emulator], Api]) -> None:
    with Emulator(clock=ManualClock(), state=tmp_path / "s", token="dapi-mine") as first:
        api_of(first).create()
    assert (tmp_path / "s").read_text().count("dapi-mine") == 1


def test_a_full_disk_takes_no_more_changes_and_says_why(tmp_path: Path, api_of: Callable[[Emulator], Api]) -> None:
    path = tmp_path / "s"
    with Emulator(clock=ManualClock(), state=path) as first:
        api = api_of(first)
        kept = api.create("kept")
        api.post("/_local/plans", {"progress": "polls"})
        run_id = api.run_now(kept)
        with small_files(path.stat().st_size + 20):
            for _ in range(2):
                status, code, message = api.error("POST", f"{JOBS}/create", {"name": "lost", "tasks": [task("t")]})
                assert (status, code) == (500, "INTERNAL_ERROR")
                assert "takes no more changes" in message
                assert str(path) in message
            with pytest.raises(EmulatorError, match="takes no more changes"):
                first.plan(run_s=1)
            named = [job["settings"]["name"] for job in whole(api)["jobs"]]
            assert named.count("lost") <= 1
            states = {api.run(run_id)["state"]["life_cycle_state"] for _ in range(3)}
            assert states == {"PENDING"}
    with Emulator(clock=ManualClock(), state=path) as second:
        assert [job["settings"]["name"] for job in whole(api_of(second))["jobs"]] == ["kept"]


def test_a_disk_that_refuses_to_sync_acknowledges_nothing(
    tmp_path: Path, api_of: Callable[[Emulator], Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with Emulator(clock=ManualClock(), state=tmp_path / "s") as first:
        api = api_of(first)
        with monkeypatch.context() as patched:
            patched.setattr("airbrick.emulator.journal.os.fdatasync", refuse)
            assert "Input/output error" in api.error("POST", f"{JOBS}/create", {"name": "lost"})[2]
        assert "takes no more changes" in api.error("POST", f"{JOBS}/create", {"name": "lost"})[2]
        assert api.get(f"{JOBS}/list")["has_more"] is False


def test_a_start_that_fails_holds_neither_the_file_nor_the_port(tmp_path: Path) -> None:
    with Emulator() as other:
        taken = Emulator(state=tmp_path / "s", port=int(other.host.rpartition(":")[2]))
        with pytest.raises(PortInUseError):
            taken.start()
    with pytest.raises(EmulatorError, match="make a new Emulator"):
        taken.start()
    with Emulator(state=tmp_path / "s") as first:
        port = int(first.host.rpartition(":")[2])
    lines = (tmp_path / "s").read_bytes()
    journal = Journal(tmp_path / "s")
    assert len(list(journal.read())) == 1
    journal.append({"at": 0.0, "ids": 1, "method": "POST", "path": "/gone"} | NOBODY)
    journal.close()
    for _ in range(2):
        with pytest.raises(EmulatorError, match="fails now"):
            Emulator(state=tmp_path / "s", port=port).start()
    (tmp_path / "s").write_bytes(lines)
    with Emulator(state=tmp_path / "s", port=port):
        pass


NOBODY = {"workspace": 0, "real": False, "query": {}, "query_string": "", "who": None, "headers": {}, "body": ""}


@contextlib.contextmanager
def small_files(limit_bytes: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, before[1]))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
