"""The unmodified official Airflow provider against the emulator: its hooks, its operator and its trigger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.emulator.provider.environment import Passing, Provider, ProviderError, connection

from airbrick.emulator import Emulator, ManualClock

if TYPE_CHECKING:
    from tests.emulator.helpers import Api

RUN_NOW = "/api/2.2/jobs/run-now"
TASK = {"task_key": "load", "notebook_task": {"notebook_path": "/Shared/load"}}


@pytest.fixture
def job_id(provider: Provider) -> int:
    made = provider.call("create_job", {"name": "nightly", "tasks": [TASK], "max_concurrent_runs": 10})
    assert isinstance(made, int)
    return made


def test_a_job_is_made_found_changed_and_listed(provider: Provider, job_id: int) -> None:
    assert provider.call("find_job_id_by_name", "nightly") == job_id
    assert provider.call("find_job_id_by_name", "weekly") is None
    provider.call("reset_job", str(job_id), {"name": "weekly", "tasks": [TASK]})
    provider.call("update_job", str(job_id), {"tags": {"team": "dätä"}})
    (job,) = provider.call("list_jobs")
    assert job["job_id"] == job_id
    assert (job["settings"]["name"], job["settings"]["tags"]) == ("weekly", {"team": "dätä"})


@pytest.mark.parametrize("prefix", ["call", "call_async"])
def test_both_hooks_see_the_same_states(provider: Provider, clock: ManualClock, job_id: int, prefix: str) -> None:
    run_id = provider.call("run_now", {"job_id": job_id})
    ask = getattr(provider, prefix)
    method = "get_run_state" if prefix == "call" else "a_get_run_state"
    seen = []
    for seconds in (0, 2, 5):
        clock.advance(seconds)
        state = ask(method, run_id)
        seen.append((state["life_cycle_state"], state["result_state"]))
    assert seen == [("PENDING", ""), ("RUNNING", ""), ("TERMINATED", "SUCCESS")]


def test_the_async_hook_reads_a_run_its_page_and_its_output(
    provider: Provider, workspace: Emulator, clock: ManualClock, job_id: int
) -> None:
    workspace.plan(output="42 rows")
    run_id = provider.call("run_now", {"job_id": job_id})
    clock.advance(100)
    run = provider.call_async("a_get_run", run_id)
    assert (run["run_id"], run["job_id"]) == (run_id, job_id)
    assert str(run_id) in provider.call_async("a_get_run_page_url", run_id)
    output = provider.call_async("a_get_run_output", run["tasks"][0]["run_id"])
    assert output["notebook_output"]["result"] == "42 rows"
    # A GET of this hook carries its parameters in a body.
    (asked,) = workspace.requests("GET", "*/get-output")
    assert (dict(asked.query), list(asked.body)) == ({}, ["run_id"])


def test_a_run_is_cancelled(provider: Provider, clock: ManualClock, job_id: int) -> None:
    run_id = provider.call("run_now", {"job_id": job_id})
    provider.call("cancel_run", run_id)
    clock.advance(10)
    assert provider.call("get_run_state", run_id)["result_state"] == "CANCELED"


def test_a_wrong_token_is_refused(provider: Provider, workspace: Emulator) -> None:
    provider.environment = connection(workspace.host, "wrong")
    with pytest.raises(ProviderError, match="UNAUTHENTICATED"):
        provider.call("list_jobs")


@pytest.mark.parametrize("preset", ["throttle", "outage"])
@pytest.mark.parametrize(("ask", "method"), [("call", "get_run_state"), ("call_async", "a_get_run_state")])
def test_the_hooks_come_through_faults(
    provider: Provider, workspace: Emulator, preset: str, ask: str, method: str
) -> None:
    job_id = provider.call("create_job", {"name": "nightly", "tasks": [TASK]})
    run_id = provider.call("run_now", {"job_id": job_id})
    workspace.fault(preset, path="*/runs/get", times=2)
    getattr(provider, ask)(method, run_id)
    assert len(workspace.requests("GET", "*/runs/get")) == 3


def test_a_lost_answer_doubles_the_run_of_a_hook_without_a_token(
    provider: Provider, workspace: Emulator, job_id: int, api: Api
) -> None:
    lost = {"times": 1, "status": 503}
    workspace.fault("lost_ack", path="*/run-now", **lost)
    provider.call("run_now", {"job_id": job_id})
    assert len(api.get("/api/2.2/jobs/runs/list")["runs"]) == 2
    workspace.fault("lost_ack", path="*/run-now", **lost)
    provider.call("run_now", {"job_id": job_id, "idempotency_token": "once"})
    assert len(api.get("/api/2.2/jobs/runs/list")["runs"]) == 3


def test_the_deferrable_operator_waits_in_its_trigger(provider: Provider, workspace: Emulator, job_id: int) -> None:
    with Passing(workspace):
        done = provider.run_deferred(job_id=job_id)
    assert json.loads(done["event"]["run_state"])["result_state"] == "SUCCESS"
    assert done["pushed"]["run_id"] == done["event"]["run_id"]
    assert done["pushed"]["run_page_url"] == done["event"]["run_page_url"]
    assert len(workspace.requests("POST", "*/run-now")) == 1
    assert len(workspace.requests("GET", "*/runs/get")) > 4


def test_the_deferrable_operator_names_the_task_that_failed(
    provider: Provider, workspace: Emulator, job_id: int
) -> None:
    workspace.plan(result="FAILED", error="no such table: orders")
    with Passing(workspace), pytest.raises(ProviderError, match="no such table: orders"):
        provider.run_deferred(job_id=job_id)


def test_a_service_principal_signs_in_over_tls_by_a_host_with_its_port(secure: tuple[Provider, Emulator]) -> None:
    provider, workspace = secure
    job_id = provider.call("create_job", {"name": "nightly", "tasks": [TASK]})
    run_id = provider.call("run_now", {"job_id": job_id})
    assert provider.call_async("a_get_run_state", run_id)["life_cycle_state"] in ("PENDING", "RUNNING")
    assert {record.identity for record in workspace.requests(path="/api/*")} == {workspace.client_id}
