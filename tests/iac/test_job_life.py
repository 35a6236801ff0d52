"""Jobs: reading, changing, deleting and signing in, over the protocol, in the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import pytest
from databricks.sdk import WorkspaceClient
from pulumi.runtime.proto import provider_pb2
from tests.iac.job_samples import JOB, NOTEBOOK, SETTINGS, jobs, post
from tests.iac.wire import refusal

from airbrick.contract import FINGERPRINT_TAG, fingerprint_tag
from airbrick.iac.provider.codec import encode
from airbrick.iac.resources.job_import import imported
from airbrick.iac.values import Secret

if TYPE_CHECKING:
    from tests.iac.wire import Wire

    from airbrick.emulator import Emulator

GONE = {"error_code": "INVALID_PARAMETER_VALUE", "message": "Job 1 does not exist."}


def test_a_job_is_read_in_the_words_it_was_made_with(provider: Wire) -> None:
    job_id, outputs = provider.create(JOB, "nightly", SETTINGS)
    assert provider.read(JOB, "nightly", job_id, SETTINGS, **outputs) == (job_id, SETTINGS, outputs)


def test_a_secret_is_read_back_as_a_secret(provider: Wire, client: WorkspaceClient) -> None:
    inputs = {**SETTINGS, "description": Secret("a"), "tags": {"k": Secret("v"), "team": "data"}}
    job_id, outputs = provider.create(JOB, "nightly", inputs)
    assert provider.read(JOB, "nightly", job_id, inputs, **outputs)[1] == inputs
    post(client, "update", job_id=int(job_id), new_settings={"description": "edited"})
    seen = provider.read(JOB, "nightly", job_id, inputs, **outputs)
    assert seen[1]["description"] == Secret("edited")
    assert "edited" not in str(seen)


def test_an_edit_in_the_workspace_is_drift(provider: Wire, client: WorkspaceClient) -> None:
    job_id, outputs = provider.create(JOB, "nightly", SETTINGS)
    post(client, "update", job_id=int(job_id), new_settings={"timeout_seconds": 1, "max_concurrent_runs": 9})
    _, inputs, read_outputs = provider.read(JOB, "nightly", job_id, SETTINGS, **outputs)
    assert inputs == {**SETTINGS, "timeout_seconds": 1, "max_concurrent_runs": 9}
    assert read_outputs["fingerprint"] != outputs["fingerprint"]


def test_a_fingerprint_of_another_airbrick_stays_while_nothing_changes(provider: Wire) -> None:
    job_id, outputs = provider.create(JOB, "nightly", SETTINGS)
    earlier = {**outputs, "fingerprint": "sha256:00"}
    assert provider.read(JOB, "nightly", job_id, SETTINGS, **earlier)[2]["fingerprint"] == "sha256:00"


def test_a_job_that_is_gone_has_no_id(provider: Wire) -> None:
    assert provider.read(JOB, "nightly", "123", SETTINGS)[0] == ""
    assert provider.pause.waits_s == []


def test_a_job_that_one_call_shows_and_another_does_not_yet_is_waited_for(provider: Wire, workspace: Emulator) -> None:
    job_id, outputs = provider.create(JOB, "nightly", SETTINGS)
    workspace.fault(path="/api/2.2/jobs/get", status=400, body=GONE, times=3)
    assert provider.read(JOB, "nightly", job_id, SETTINGS, **outputs) == (job_id, SETTINGS, outputs)
    assert provider.pause.waits_s == [0.5, 1.0, 2.0]


def test_an_imported_job_that_one_call_does_not_find_is_not_taken_for_gone(
    provider: Wire, client: WorkspaceClient, workspace: Emulator
) -> None:
    job_id = str(post(client, "create", **SETTINGS)["job_id"])
    workspace.fault(path="/api/2.2/jobs/get", status=400, body=GONE, times=1)
    assert provider.read(JOB, "nightly", job_id, SETTINGS)[0] == job_id


def test_a_job_that_only_a_list_shows_is_not_taken_for_gone(
    provider: Wire, client: WorkspaceClient, workspace: Emulator
) -> None:
    job_id, outputs = provider.create(JOB, "nightly", SETTINGS)
    workspace.fault(path="/api/2.2/jobs/get", status=400, body=GONE, times=None)
    with pytest.raises(
        grpc.RpcError, match=r"jobs/list shows job \d+, but jobs/get does not find it.*run the command again"
    ) as caught:
        provider.read(JOB, "nightly", job_id, SETTINGS, **outputs)
    assert refusal(caught.value)[0] is grpc.StatusCode.UNAVAILABLE
    assert sum(provider.pause.waits_s) < 10
    assert len(jobs(client)) == 1


def test_a_job_we_may_not_see_is_not_taken_for_gone(provider: Wire, workspace: Emulator) -> None:
    job_id, _ = provider.create(JOB, "nightly", SETTINGS)
    body = {"error_code": "PERMISSION_DENIED", "message": "no"}
    workspace.fault(path="/api/2.2/jobs/get", status=403, body=body, times=1)
    with pytest.raises(grpc.RpcError) as caught:
        provider.read(JOB, "nightly", job_id, SETTINGS)
    assert refusal(caught.value)[0] is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("body", [{"error_code": "ENDPOINT_NOT_FOUND", "message": "No API found"}, {}])
@pytest.mark.parametrize("call", ["get", "delete"])
def test_a_404_of_a_proxy_or_router_does_not_mean_that_the_job_is_gone(
    call: str, body: dict[str, str], provider: Wire, workspace: Emulator
) -> None:
    job_id, _ = provider.create(JOB, "nightly", SETTINGS)
    workspace.fault(path=f"/api/2.2/jobs/{call}", status=404, body=body, times=1)
    with pytest.raises(grpc.RpcError, match="check airbrick:host"):
        provider.read(JOB, "nightly", job_id, SETTINGS) if call == "get" else provider.delete(JOB, "nightly", job_id)


def test_an_import_gives_settings_that_make_no_difference(provider: Wire, client: WorkspaceClient) -> None:
    made = post(client, "create", name="old", tasks=SETTINGS["tasks"], parameters=SETTINGS["parameters"])
    job_id, inputs, _ = provider.read(JOB, "old", str(made["job_id"]))
    assert job_id == str(made["job_id"])
    assert inputs["queue"] == {"enabled": False}
    assert not {"format", "run_as"} & set(inputs)
    assert inputs["tasks"][0]["notebook_task"] == NOTEBOOK
    assert "run_if" not in inputs["tasks"][0]
    checked, failures = provider.check(JOB, "old", inputs)
    assert failures == {}
    assert provider.diff(JOB, "old", inputs, checked).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_job_of_many_pages_is_read_whole(provider: Wire, client: WorkspaceClient) -> None:
    tasks = [{"task_key": f"t{index}", "notebook_task": NOTEBOOK} for index in range(230)]
    job_id, outputs = provider.create(JOB, "big", {**SETTINGS, "tasks": tasks})
    assert provider.read(JOB, "big", job_id, {**SETTINGS, "tasks": tasks}, **outputs)[1]["tasks"] == tasks


def test_an_owner_is_found_beyond_the_first_page(
    provider: Wire, next_provider: Wire, workspace: Emulator, client: WorkspaceClient
) -> None:
    mine, _ = provider.create(JOB, "nightly", SETTINGS)
    for _ in range(120):
        post(client, "create", name="nightly")
    again, _ = next_provider.create(JOB, "nightly", SETTINGS)
    assert again == mine


def test_an_update_replaces_all_settings(provider: Wire, client: WorkspaceClient) -> None:
    job_id, outputs = provider.create(JOB, "nightly", {**SETTINGS, "description": "x"})
    planned = provider.update(JOB, "nightly", job_id, SETTINGS, {**SETTINGS, "name": "n2"}, preview=True, **outputs)
    assert (planned["job_id"], planned["url"], planned["job_name"]) == (job_id, outputs["url"], "n2")
    assert jobs(client)[0]["settings"]["description"] == "x"
    updated = provider.update(JOB, "nightly", job_id, SETTINGS, {**SETTINGS, "name": "n2"}, **outputs)
    (made,) = jobs(client)
    assert "description" not in made["settings"]
    assert made["settings"]["name"] == "n2"
    assert made["settings"]["tags"][FINGERPRINT_TAG] == fingerprint_tag(updated["fingerprint"])
    assert updated == planned


def test_a_run_as_that_is_taken_out_becomes_the_caller(
    provider: Wire, workspace: Emulator, client: WorkspaceClient
) -> None:
    other = {**SETTINGS, "run_as": {"service_principal_name": workspace.client_id}}
    job_id, outputs = provider.create(JOB, "nightly", other)
    provider.update(JOB, "nightly", job_id, other, SETTINGS, **outputs)
    (sent,) = workspace.requests("POST", "/api/2.2/jobs/reset")
    me = client.current_user.me().user_name
    assert isinstance(sent.body, dict)
    assert sent.body["new_settings"]["run_as"] == {"user_name": me}


def test_an_update_of_a_job_that_is_gone_is_an_error(provider: Wire) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        provider.update(JOB, "nightly", "123", SETTINGS, SETTINGS)
    assert refusal(caught.value)[0] in (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.PERMISSION_DENIED)


def test_a_delete_can_be_repeated(provider: Wire, workspace: Emulator, client: WorkspaceClient) -> None:
    job_id, _ = provider.create(JOB, "nightly", SETTINGS)
    workspace.fault("lost_ack", path="/api/2.2/jobs/delete", times=1)
    with pytest.raises(grpc.RpcError):
        provider.delete(JOB, "nightly", job_id)
    provider.delete(JOB, "nightly", job_id)
    assert jobs(client) == []


def test_a_wrong_token_is_one_clear_error(wire: Wire, workspace: Emulator) -> None:
    wire.configure(host=workspace.host, token=Secret("dapi-wrong-token"))
    with pytest.raises(grpc.RpcError) as caught:
        wire.create(JOB, "nightly", SETTINGS)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.UNAUTHENTICATED
    assert (
        "check the credentials in the airbrick: configuration or in the DATABRICKS_ variables (auth_type pat)"
        in message
    )
    assert "dapi-wrong-token" not in message
    assert "\n" not in message


def test_a_workspace_that_does_not_answer_is_one_clear_error(wire: Wire) -> None:
    wire.configure(host="http://127.0.0.1:9", token=Secret("dapi"))
    with pytest.raises(grpc.RpcError) as caught:
        wire.create(JOB, "nightly", SETTINGS)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.UNAVAILABLE
    assert "Databricks at http://127.0.0.1:9/api/2.2/jobs/list: GET" in message
    assert "check airbrick:host" in message


def test_an_oauth_token_is_renewed(wire: Wire, workspace: Emulator, client: WorkspaceClient) -> None:
    wire.configure(host=workspace.host, client_id=workspace.client_id, client_secret=Secret(workspace.client_secret))
    wire.create(JOB, "one", {**SETTINGS, "name": "one"})
    wire.create(JOB, "two", {**SETTINGS, "name": "two"})
    assert len(jobs(client)) == 2
    assert len(workspace.requests("POST", "/oidc/v1/token")) == 1


def test_drift_detection_can_be_left_to_refresh(wire: Wire, workspace: Emulator) -> None:
    def refreshes() -> bool:
        request = provider_pb2.CreateRequest(urn=wire.urn(JOB, "n"), properties=encode(SETTINGS), preview=True)
        return bool(wire.stub.Create(request).refresh_before_update)

    wire.configure(host=workspace.host, token=Secret(workspace.token))
    assert refreshes()
    wire.configure(host=workspace.host, token=Secret(workspace.token), detect_drift="refresh")
    assert not refreshes()


def test_a_read_outlives_an_outage(provider: Wire, workspace: Emulator) -> None:
    job_id, outputs = provider.create(JOB, "nightly", SETTINGS)
    workspace.fault("outage", path="/api/2.2/jobs/get", times=3)
    assert provider.read(JOB, "nightly", job_id, SETTINGS, **outputs)[0] == job_id
    assert provider.pause.waits_s == [0.5, 1, 2]


def test_an_import_keeps_what_does_not_go_without_saying() -> None:
    git = {"git_url": "https://g", "git_provider": "gitHub"}
    tasks = [{"task_key": key, "notebook_task": {"notebook_path": "a", "source": key}} for key in ("GIT", "WORKSPACE")]
    given = {"name": "old", "tasks": tasks, "git_source": git, "run_as": {"user_name": "else@b.c"}}
    seen = imported({**given, "format": "MULTI_TASK"}, creator="me@b.c")
    assert seen["run_as"] == {"user_name": "else@b.c"}
    assert [task["notebook_task"] for task in seen["tasks"]] == [
        {"notebook_path": "a"},
        {"notebook_path": "a", "source": "WORKSPACE"},
    ]


@pytest.mark.parametrize("kind", ["user_name", "service_principal_name"])
def test_an_import_takes_the_creator_for_the_default_in_any_case(kind: str) -> None:
    given = {"name": "old", "run_as": {kind: "Ann@Example.com"}}
    for creator in ("Ann@Example.com", "ann@example.com"):
        assert "run_as" not in imported(given, creator)
    # Whoever else it is stands there as the workspace spells it.
    assert imported(given, "Bob@Example.com")["run_as"] == given["run_as"]
