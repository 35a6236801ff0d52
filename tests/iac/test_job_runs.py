"""Active runs, time-outs, credentials that end, and imports by name, over the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from databricks.sdk import WorkspaceClient
from pulumi.runtime.proto import provider_pb2
from tests.iac.job_samples import CREATE, JOB, SETTINGS, jobs, post
from tests.iac.wire import refusal

from airbrick.emulator import Emulator, ManualClock
from airbrick.iac.provider.codec import encode
from airbrick.iac.values import UNKNOWN, Secret

if TYPE_CHECKING:
    from tests.iac.wire import Wire

FAIL, CANCEL = ({**SETTINGS, "on_active_runs": choice} for choice in ("fail", "cancel"))


def active(client: WorkspaceClient, job_id: str) -> list[int]:
    return [run.run_id or 0 for run in client.jobs.list_runs(job_id=int(job_id), active_only=True)]


def test_what_is_said_to_airbrick_is_no_setting_of_the_job(provider: Wire, client: WorkspaceClient) -> None:
    assert provider.check(JOB, "nightly", FAIL) == (FAIL, {})
    assert provider.check(JOB, "nightly", {**SETTINGS, "on_active_runs": UNKNOWN})[1] == {}
    assert (
        "expected one of ignore, fail, cancel"
        in provider.check(JOB, "nightly", {"on_active_runs": "x"})[1]["on_active_runs"]
    )
    job_id, outputs = provider.create(JOB, "nightly", FAIL)
    plain = provider.create(JOB, "plain", SETTINGS)[1]
    assert outputs["fingerprint"] == plain["fingerprint"]
    assert "on_active_runs" not in str(jobs(client))
    assert provider.read(JOB, "nightly", job_id, FAIL, **outputs) == (job_id, FAIL, outputs)
    assert provider.diff(JOB, "nightly", SETTINGS, FAIL).changes == provider_pb2.DiffResponse.DIFF_NONE


@pytest.mark.parametrize("way", ["update", "delete"])
def test_active_runs_can_stop_a_change(provider: Wire, client: WorkspaceClient, way: str) -> None:
    job_id, outputs = provider.create(JOB, "nightly", FAIL)
    run_id = post(client, "run-now", job_id=int(job_id))["run_id"]
    arguments = [JOB, "nightly", job_id, FAIL, {**FAIL, "timeout_seconds": 1}][: 5 if way == "update" else 4]
    with pytest.raises(grpc.RpcError) as caught:
        getattr(provider, way)(*arguments, **outputs)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert f"job {job_id} has 1 active run(s): {run_id}; wait until they have ended" in message
    assert "set on_active_runs='cancel'; a destroy heeds it after an `up`" in message
    assert jobs(client)[0]["settings"]["timeout_seconds"] == 3600
    # Without runs nothing is in the way.
    client.jobs.cancel_run_and_wait(run_id)
    provider.delete(JOB, "nightly", job_id, FAIL, **outputs)
    provider.delete(JOB, "nightly", job_id, FAIL, **outputs)


def test_active_runs_can_be_cancelled_and_waited_for(wire: Wire) -> None:
    with Emulator(clock=ManualClock()) as workspace:
        client = WorkspaceClient(host=workspace.host, token=workspace.token)
        wire.configure(host=workspace.host, token=Secret(workspace.token))
        wire.pause.meanwhile = workspace.advance
        job_id, outputs = wire.create(JOB, "nightly", CANCEL)
        post(client, "run-now", job_id=int(job_id))
        wire.update(JOB, "nightly", job_id, CANCEL, {**CANCEL, "timeout_seconds": 1}, **outputs)
        assert active(client, job_id) == []
        assert any("cancels 1 active run(s)" in message for _, message in wire.engine.seen)
        post(client, "run-now", job_id=int(job_id))
        wire.delete(JOB, "nightly", job_id, CANCEL, **outputs)
        assert jobs(client) == []


def test_a_run_that_starts_meanwhile_is_not_waited_for(wire: Wire) -> None:
    with Emulator(clock=ManualClock()) as workspace:
        client = WorkspaceClient(host=workspace.host, token=workspace.token)
        wire.configure(host=workspace.host, token=Secret(workspace.token))
        job_id, outputs = wire.create(JOB, "nightly", CANCEL)
        post(client, "run-now", job_id=int(job_id))
        later: list[int] = []

        def wait(seconds: float) -> None:
            if not later:
                later.append(post(client, "run-now", job_id=int(job_id))["run_id"])
            workspace.advance(seconds)

        wire.pause.meanwhile = wait
        wire.update(JOB, "nightly", job_id, CANCEL, {**CANCEL, "timeout_seconds": 1}, **outputs)
        assert active(client, job_id) == later != []


def test_cancelled_runs_that_do_not_end_are_named(provider: Wire, client: WorkspaceClient) -> None:
    # Here no time passes in the workspace while the provider waits.
    job_id, outputs = provider.create(JOB, "nightly", CANCEL)
    run_id = post(client, "run-now", job_id=int(job_id))["run_id"]
    with pytest.raises(grpc.RpcError) as caught:
        provider.delete(JOB, "nightly", job_id, CANCEL, timeout_s=1.5, **outputs)
    assert f"{run_id}; they were cancelled and have not ended" in refusal(caught.value)[1]
    assert len(jobs(client)) == 1


def test_active_runs_are_left_alone_by_default(provider: Wire, client: WorkspaceClient, workspace: Emulator) -> None:
    job_id, outputs = provider.create(JOB, "nightly", SETTINGS)
    post(client, "run-now", job_id=int(job_id))
    workspace.forget()
    provider.update(JOB, "nightly", job_id, SETTINGS, {**SETTINGS, "timeout_seconds": 1}, **outputs)
    assert workspace.requests("GET", "/api/2.2/jobs/runs/list") == []
    assert len(active(client, job_id)) == 1


def test_a_custom_time_out_ends_the_waiting(provider: Wire, workspace: Emulator) -> None:
    workspace.fault("throttle", path=CREATE, times=3)
    request = provider_pb2.CreateRequest(urn=provider.urn(JOB, "nightly"), properties=encode(SETTINGS), timeout=2.5)
    with pytest.raises(grpc.RpcError) as caught:
        provider.stub.Create(request)
    assert refusal(caught.value)[0] is grpc.StatusCode.UNAVAILABLE
    assert 0 < sum(provider.pause.waits_s) <= 2.5
    # The next request has its own time.
    assert provider.create(JOB, "nightly", SETTINGS)[0]


def test_a_token_that_the_workspace_ends_is_renewed_within_an_up(
    wire: Wire, workspace: Emulator, client: WorkspaceClient
) -> None:
    wire.configure(host=workspace.host, client_id=workspace.client_id, client_secret=Secret(workspace.client_secret))
    wire.create(JOB, "first", SETTINGS)
    workspace.fault("token_expired", times=1)
    job_id, _ = wire.create(JOB, "second", {**SETTINGS, "name": "second"})
    workspace.fault("token_expired", path=CREATE, times=1)
    wire.create(JOB, "third", {**SETTINGS, "name": "third"})
    assert sorted(job["settings"]["name"] for job in jobs(client)) == ["nightly", "second", "third"]
    assert wire.read(JOB, "second", job_id)[0] == job_id


def test_a_job_is_imported_by_its_name(provider: Wire, client: WorkspaceClient) -> None:
    job_id, _ = provider.create(JOB, "nightly", SETTINGS)
    found, inputs, outputs = provider.read(JOB, "nightly", "nightly")
    assert (found, outputs["job_id"]) == (job_id, job_id)
    assert provider.diff(JOB, "nightly", inputs, SETTINGS).changes == provider_pb2.DiffResponse.DIFF_NONE
    post(client, "create", name="nightly")
    with pytest.raises(grpc.RpcError) as caught:
        provider.read(JOB, "nightly", "nightly")
    assert "2 jobs are named 'nightly'" in refusal(caught.value)[1]
    with pytest.raises(grpc.RpcError) as caught:
        provider.read(JOB, "nightly", "nighty")
    assert "did you mean 'nightly'?" in refusal(caught.value)[1]


def test_policies_and_pools_are_imported_by_their_names(provider: Wire) -> None:
    samples: list[tuple[str, str, dict[str, Any]]] = [
        ("ClusterPolicy", "small", {"name": "small", "definition": "{}", "adopt": False}),
        ("InstancePool", "spot", {"instance_pool_name": "spot", "node_type_id": "m", "adopt": False}),
    ]
    for kind, name, inputs in samples:
        token = f"airbrick:databricks:{kind}"
        resource_id, _ = provider.create(token, name, inputs)
        assert provider.read(token, name, name)[0] == resource_id
        assert provider.read(token, name, "nope")[0] == ""
