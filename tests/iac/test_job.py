"""Jobs, over the protocol, in the emulator."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from databricks.sdk import WorkspaceClient
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2, status_pb2

from airbrick.contract import FINGERPRINT_TAG, OWNER_TAG, fingerprint_tag
from airbrick.iac.provider.codec import decode
from airbrick.iac.values import UNKNOWN, Secret

if TYPE_CHECKING:
    from tests.iac.conftest import Wire

    from airbrick.emulator import Emulator

JOB = "airbrick:databricks:Job"
CREATE = "/api/2.2/jobs/create"
NOTEBOOK = {"notebook_path": "/Workspace/a"}
SETTINGS: dict[str, Any] = {
    "name": "nightly",
    "tasks": [
        {"task_key": "b", "notebook_task": NOTEBOOK, "depends_on": [{"task_key": "a"}]},
        {"task_key": "a", "notebook_task": {**NOTEBOOK, "base_parameters": {"größe": ""}}},
    ],
    "parameters": [{"name": "run_date", "default": ""}],
    "max_concurrent_runs": 1,
    "queue": {"enabled": True},
    "tags": {"team": "data"},
    "timeout_seconds": 3600,
}


@pytest.fixture
def client(workspace: Emulator) -> WorkspaceClient:
    return WorkspaceClient(host=workspace.host, token=workspace.token)


def jobs(client: WorkspaceClient) -> list[dict[str, Any]]:
    answer = client.api_client.do("GET", "/api/2.2/jobs/list", query={"expand_tasks": True, "limit": 100})
    assert isinstance(answer, dict)
    return list(answer.get("jobs", []))


def post(client: WorkspaceClient, call: str, **body: Any) -> dict[str, Any]:
    answer = client.api_client.do("POST", f"/api/2.2/jobs/{call}", body=body)
    assert isinstance(answer, dict)
    return answer


def refusal(error: grpc.RpcError) -> tuple[grpc.StatusCode, str]:
    assert isinstance(error, grpc.Call)
    return error.code(), str(error.details())


def init_failed(error: grpc.RpcError) -> provider_pb2.ErrorResourceInitFailed:
    assert isinstance(error, grpc.Call)
    status = status_pb2.Status()
    status.ParseFromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    return detail


# Check


def test_check_fills_in_what_is_always_said(wire: Wire) -> None:
    checked, failures = wire.check(JOB, "nightly", {"description": None, "tasks": []})
    assert failures == {}
    assert checked == {"name": "nightly", "tasks": [], "max_concurrent_runs": 1, "queue": {"enabled": True}}
    assert wire.check(JOB, "nightly", checked) == (checked, {})


def test_check_keeps_order_unknown_settings_secrets_and_what_is_not_known_yet(wire: Wire) -> None:
    given = {**SETTINGS, "brand_new": {"a": [1.5]}, "description": Secret("x"), "budget_policy_id": UNKNOWN}
    assert wire.check(JOB, "nightly", given) == (given, {})


@pytest.mark.parametrize(
    ("change", "path", "reason"),
    [
        ({"max_concurrent_runs": "1"}, "max_concurrent_runs", "expected a whole number, found text"),
        ({"max_concurrent_runs": True}, "max_concurrent_runs", "expected a whole number, found a boolean"),
        ({"max_concurrent_runs": 1.5}, "max_concurrent_runs", "expected a whole number, found a number"),
        ({"queue": True}, "queue", "expected a mapping, found a boolean"),
        ({"queue": {}}, "queue.enabled", "is missing"),
        ({"queue": {"enabled": "yes"}}, "queue.enabled", "expected true or false, found text"),
        ({"tags": {"a": 1}}, "tags.a", "expected text, found a number; write it in quotes"),
        ({"tags": {"a b": 1}}, 'tags["a b"]', "expected text"),
        ({"tasks": {"task_key": "a"}}, "tasks", "expected a list, found a mapping; put it in [ ]"),
        ({"tasks": [{"notebook_task": NOTEBOOK}]}, "tasks[0].task_key", "is missing; every Task needs it"),
        ({"tasks": [{"task_key": "a", "notebook_task": {}}]}, "tasks[0].notebook_task.notebook_path", "is missing"),
        ({"tasks": [{"task_key": "a"}, {"task_key": "a"}]}, "tasks[1].task_key", "'a' stands twice"),
        ({"parameters": [{"name": "a", "default": 1}]}, "parameters[0].default", "expected text, found a number"),
        ({"run_as": ["me"]}, "run_as", "expected a mapping, found a list"),
        ({"schedule": {"quartz_cron_expression": "0 0 0 * * ?", "timezone_id": "UTC"}, "continuous": {}}, "continuous",
         "excludes 'schedule'"),
        ({"tasks": [{"task_key": "load"}, {"task_key": "b", "depends_on": [{"task_key": "laod"}]}]},
         "tasks[1].depends_on[0].task_key", "there is no task 'laod'; did you mean 'load'?"),
        ({"tasks": [{"task_key": "a", "depends_on": [{"task_key": "b"}]},
                    {"task_key": "b", "depends_on": [{"task_key": "a"}]}]}, "tasks[0].depends_on",
         "tasks wait for each other: a -> b -> a"),
        ({"tasks": [{"task_key": "a", "run_job_task": {"job_id": "x"}}]}, "tasks[0].run_job_task.job_id",
         "expected digits"),
        ({"tasks": [{"task_key": "a", "run_job_task": {"job_id": 2**60}}]}, "tasks[0].run_job_task.job_id",
         "write an id as text"),
        ({"tags": {OWNER_TAG: "me"}}, f"tags.{OWNER_TAG}", "airbrick's own tag"),
        ({"email_notifications": {"on_failure": "me@b.c"}}, "email_notifications.on_failure", "expected a list"),
        ({"name": Secret(5)}, "name", "expected text"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(wire: Wire, change: dict[str, Any], path: str, reason: str) -> None:
    _, failures = wire.check(JOB, "nightly", {**SETTINGS, **change})
    assert list(failures) == [path]
    assert reason in failures[path]


def test_several_mistakes_are_named_at_once(wire: Wire) -> None:
    _, failures = wire.check(JOB, "nightly", {"max_concurrent_runs": "x", "timeout_seconds": "y"})
    assert sorted(failures) == ["max_concurrent_runs", "timeout_seconds"]


def test_a_setting_airbrick_does_not_know_is_a_warning_with_the_nearest_name(wire: Wire) -> None:
    given = {**SETTINGS, "timeout_second": 1, "tasks": [{"task_key": "a", "notbook_task": {}, "run_if": "ALL_SUCESS"}]}
    assert wire.check(JOB, "nightly", given) == (given, {})
    wire.check(JOB, "nightly", given)
    warnings = "\n".join(wire.engine.warnings)
    assert len(wire.engine.warnings) == 3
    assert "timeout_second: airbrick does not know the setting 'timeout_second'" in warnings
    assert "did you mean 'timeout_seconds'?" in warnings
    assert "tasks[0].notbook_task" in warnings
    assert "did you mean 'ALL_SUCCESS'?" in warnings


def test_no_message_holds_a_secret(wire: Wire) -> None:
    given = {"email_notifications": Secret({"on_failure": "hush-hush"}), "performance_target": Secret("hush-hush")}
    _, failures = wire.check(JOB, "nightly", given)
    assert "hush-hush" not in str(failures) + str(wire.engine.seen)


def test_automatic_names_follow_the_stack(wire: Wire) -> None:
    modes = provider_pb2.CheckRequest.AutonamingOptions
    enforced = wire.check(JOB, "nightly", {}, proposed_name="orders-nightly", mode=modes.ENFORCE)
    assert enforced[0]["name"] == "orders-nightly"
    proposed = wire.check(JOB, "nightly", {}, proposed_name="nightly-7f3a", mode=modes.PROPOSE)
    assert proposed[0]["name"] == "nightly"
    _, failures = wire.check(JOB, "nightly", {}, proposed_name="", mode=modes.DISABLE)
    assert "disables automatic names" in failures["name"]


# Diff


def test_a_diff_names_the_places_that_changed(wire: Wire) -> None:
    new = copy.deepcopy(SETTINGS)
    new["tasks"].reverse()
    assert wire.diff(JOB, "nightly", SETTINGS, new).changes == provider_pb2.DiffResponse.DIFF_NONE
    new["tasks"][0]["timeout_seconds"] = 5
    del new["tags"]
    answer = wire.diff(JOB, "nightly", SETTINGS, new)
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert {path: kind.kind for path, kind in answer.detailedDiff.items()} == {
        "tasks[0].timeout_seconds": provider_pb2.PropertyDiff.ADD,
        "tags": provider_pb2.PropertyDiff.DELETE,
    }
    assert sorted(answer.diffs) == ["tags", "tasks"]
    assert not answer.replaces


def test_a_changed_secret_is_a_change_and_a_mark_alone_is_none(wire: Wire) -> None:
    old = {**SETTINGS, "description": Secret("a")}
    changes = provider_pb2.DiffResponse
    assert wire.diff(JOB, "n", old, {**old, "description": Secret("b")}).changes == changes.DIFF_SOME
    assert wire.diff(JOB, "n", old, {**old, "description": "a"}).changes == changes.DIFF_NONE


# Create


def test_a_preview_tells_what_can_be_known_and_calls_nothing(provider: Wire, workspace: Emulator) -> None:
    resource_id, outputs = provider.create(JOB, "nightly", SETTINGS, preview=True)
    assert resource_id == ""
    assert (outputs["job_id"], outputs["url"]) == (UNKNOWN, UNKNOWN)
    assert outputs["job_name"] == "nightly"
    assert outputs["fingerprint"].startswith("sha256:")
    assert outputs["contract_entry"]["tasks"]["b"] == {"type": "notebook_task", "depends_on": ["a"]}
    unknown = {**SETTINGS, "tasks": [{"task_key": "a", "run_job_task": {"job_id": UNKNOWN}}]}
    _, outputs = provider.create(JOB, "nightly", unknown, preview=True)
    assert outputs["fingerprint"] is UNKNOWN
    assert outputs["contract_entry"]["tasks"] == {"a": {"type": "run_job_task", "depends_on": []}}
    assert workspace.requests() == []


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"tasks": UNKNOWN}, "tasks"),
        ({"tasks": [{"task_key": UNKNOWN}]}, "tasks"),
        ({"queue": UNKNOWN}, "queue_enabled"),
        ({"parameters": UNKNOWN}, "parameters"),
    ],
)
def test_a_preview_leaves_open_what_depends_on_the_unknown(wire: Wire, change: dict[str, Any], part: str) -> None:
    _, outputs = wire.create(JOB, "nightly", {**SETTINGS, **change}, preview=True)
    assert outputs["contract_entry"][part] is UNKNOWN


def test_a_job_is_made_with_its_marks(provider: Wire, workspace: Emulator, client: WorkspaceClient) -> None:
    job_id, outputs = provider.create(JOB, "nightly", SETTINGS)
    (made,) = jobs(client)
    assert str(made["job_id"]) == job_id == outputs["job_id"]
    assert int(job_id) > 2**53
    assert outputs["url"] == f"{workspace.host}/jobs/{job_id}?o={workspace.workspace_id}"
    tags = made["settings"]["tags"]
    assert tags["team"] == "data"
    assert tags[FINGERPRINT_TAG] == fingerprint_tag(outputs["fingerprint"])
    assert len(tags[OWNER_TAG]) <= 63
    assert OWNER_TAG not in outputs["contract_entry"]["tags"]


def test_ids_and_secrets_reach_the_workspace_exactly(provider: Wire, client: WorkspaceClient) -> None:
    task = {"task_key": "a", "run_job_task": {"job_id": "9007199254740993"}}
    _, outputs = provider.create(JOB, "n", {**SETTINGS, "tasks": [task], "description": Secret("hush")})
    (made,) = jobs(client)
    assert made["settings"]["tasks"][0]["run_job_task"]["job_id"] == 9007199254740993
    assert made["settings"]["description"] == "hush"
    assert "hush" not in str(outputs)


def test_a_secret_does_not_show_in_the_fingerprint(wire: Wire) -> None:
    _, one = wire.create(JOB, "n", {**SETTINGS, "description": Secret("a")}, preview=True)
    _, other = wire.create(JOB, "n", {**SETTINGS, "description": Secret("b")}, preview=True)
    assert one["fingerprint"] == other["fingerprint"]


def test_a_secret_in_what_the_contract_needs_is_listed_and_left_out(wire: Wire) -> None:
    given = {**SETTINGS, "parameters": [{"name": "a", "default": Secret("hush")}], "tasks": Secret(SETTINGS["tasks"])}
    _, outputs = wire.create(JOB, "n", given, preview=True)
    assert "parameters[0].default" in outputs["contract_entry"]["secrets"]
    assert "tasks[0].task_key" in outputs["contract_entry"]["secrets"]
    assert "hush" not in str(outputs)


@pytest.mark.parametrize("preset", ["lost_ack", "half_body"])
def test_a_create_whose_answer_is_lost_makes_one_job(
    provider: Wire, workspace: Emulator, client: WorkspaceClient, preset: str
) -> None:
    workspace.fault(preset, path=CREATE, times=1)
    job_id, _ = provider.create(JOB, "nightly", SETTINGS)
    assert [str(job["job_id"]) for job in jobs(client)] == [job_id]
    assert len(workspace.requests("POST", CREATE)) == 1


def test_a_throttled_create_waits_as_asked_and_makes_one_job(
    provider: Wire, workspace: Emulator, client: WorkspaceClient
) -> None:
    workspace.fault("throttle", path=CREATE, times=1, retry_after_s=17)
    job_id, _ = provider.create(JOB, "nightly", SETTINGS)
    assert [str(job["job_id"]) for job in jobs(client)] == [job_id]
    assert [request.status for request in workspace.requests("POST", CREATE)] == [429, 200]
    assert provider.pause.waits_s == [17]


def test_an_outage_says_what_to_do_and_the_next_try_makes_one_job(
    provider: Wire, workspace: Emulator, client: WorkspaceClient
) -> None:
    workspace.fault("outage", path=CREATE, times=1)
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(JOB, "nightly", SETTINGS)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.UNAVAILABLE
    assert "run `pulumi up` again" in message
    assert len(workspace.requests("POST", CREATE)) == 1
    provider.create(JOB, "nightly", SETTINGS)
    assert len(jobs(client)) == 1


def test_a_lost_answer_with_the_lookup_down_too_is_completed_by_the_next_up(
    provider: Wire, workspace: Emulator, client: WorkspaceClient
) -> None:
    provider.create(JOB, "warm", {**SETTINGS, "name": "warm"})
    workspace.forget()
    workspace.fault("lost_ack", path=CREATE, times=1)
    # The lookup before the request passes, the one after it does not.
    workspace.fault("outage", path="/api/2.2/jobs/list", skip=1, times=99)
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(JOB, "nightly", SETTINGS)
    assert refusal(caught.value)[0] is grpc.StatusCode.UNAVAILABLE
    workspace.forget()
    job_id, _ = provider.create(JOB, "nightly", {**SETTINGS, "timeout_seconds": 7})
    (made,) = [job for job in jobs(client) if job["settings"]["name"] == "nightly"]
    assert (str(made["job_id"]), made["settings"]["timeout_seconds"]) == (job_id, 7)
    assert workspace.requests("POST", CREATE) == []


def test_a_take_over_that_cannot_be_completed_is_kept_in_the_state(
    provider: Wire, next_provider: Wire, workspace: Emulator, client: WorkspaceClient
) -> None:
    first, _ = provider.create(JOB, "nightly", SETTINGS)
    workspace.fault("outage", path="/api/2.2/jobs/reset", times=1)
    with pytest.raises(grpc.RpcError) as caught:
        next_provider.create(JOB, "nightly", SETTINGS)
    detail = init_failed(caught.value)
    assert detail.id == first
    assert decode(detail.inputs) == SETTINGS
    assert decode(detail.properties)["job_id"] == first
    assert "POST /api/2.2/jobs/reset" in detail.reasons[0]


def test_two_jobs_with_our_mark_are_not_guessed_between(
    provider: Wire, next_provider: Wire, workspace: Emulator, client: WorkspaceClient
) -> None:
    provider.create(JOB, "nightly", SETTINGS)
    (made,) = jobs(client)
    post(client, "create", **made["settings"])
    with pytest.raises(grpc.RpcError) as caught:
        next_provider.create(JOB, "nightly", SETTINGS)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert "2 jobs named 'nightly' carry this resource's owner tag" in message
    assert str(made["job_id"]) in message


def test_a_job_of_the_same_name_that_is_not_ours_is_left_alone(provider: Wire, client: WorkspaceClient) -> None:
    foreign = post(client, "create", name="nightly")["job_id"]
    same_but_case = post(client, "create", name="NIGHTLY")["job_id"]
    job_id, _ = provider.create(JOB, "nightly", SETTINGS)
    assert int(job_id) not in (foreign, same_but_case)
    assert len(jobs(client)) == 3


def test_a_replacement_does_not_take_over_what_it_replaces(
    provider: Wire, next_provider: Wire, workspace: Emulator, client: WorkspaceClient
) -> None:
    old, _ = provider.create(JOB, "nightly", SETTINGS)
    # In one `up`, the engine reads the old job, makes the new one, then deletes the old one.
    next_provider.read(JOB, "nightly", old, SETTINGS)
    new, _ = next_provider.create(JOB, "nightly", SETTINGS)
    assert new != old
    next_provider.delete(JOB, "nightly", old)
    assert [str(job["job_id"]) for job in jobs(client)] == [new]


def test_a_refused_create_says_why_without_secrets(provider: Wire, client: WorkspaceClient) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(JOB, "nightly", {**SETTINGS, "git_source": {"git_url": Secret("hush-hush"), "git_provider": 5}})
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "Databricks refused POST /api/2.2/jobs/create" in message
    assert "hush-hush" not in message
    assert jobs(client) == []


# Read


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


def test_a_job_we_may_not_see_is_not_taken_for_gone(provider: Wire, workspace: Emulator) -> None:
    job_id, _ = provider.create(JOB, "nightly", SETTINGS)
    body = {"error_code": "PERMISSION_DENIED", "message": "no"}
    workspace.fault(path="/api/2.2/jobs/get", status=403, body=body, times=1)
    with pytest.raises(grpc.RpcError) as caught:
        provider.read(JOB, "nightly", job_id, SETTINGS)
    assert refusal(caught.value)[0] is grpc.StatusCode.PERMISSION_DENIED


def test_an_import_gives_settings_that_make_no_difference(provider: Wire, client: WorkspaceClient) -> None:
    made = post(client, "create", name="old", tasks=SETTINGS["tasks"], parameters=SETTINGS["parameters"])
    job_id, inputs, _ = provider.read(JOB, "old", str(made["job_id"]))
    assert job_id == str(made["job_id"])
    assert inputs["queue"] == {"enabled": False}
    assert "format" not in inputs
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


# Update


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


# Delete


def test_a_delete_can_be_repeated(provider: Wire, workspace: Emulator, client: WorkspaceClient) -> None:
    job_id, _ = provider.create(JOB, "nightly", SETTINGS)
    workspace.fault("lost_ack", path="/api/2.2/jobs/delete", times=1)
    with pytest.raises(grpc.RpcError):
        provider.delete(JOB, "nightly", job_id)
    provider.delete(JOB, "nightly", job_id)
    assert jobs(client) == []


# Who we are


def test_a_wrong_token_is_one_clear_error(wire: Wire, workspace: Emulator) -> None:
    wire.configure(host=workspace.host, token=Secret("dapi-wrong-token"))
    with pytest.raises(grpc.RpcError) as caught:
        wire.create(JOB, "nightly", SETTINGS)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.UNAUTHENTICATED
    assert "check the credentials in the airbrick: configuration (auth_type pat)" in message
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
        request = provider_pb2.CreateRequest(urn=wire.urn(JOB, "n"), properties=encode_settings(), preview=True)
        return bool(wire.stub.Create(request).refresh_before_update)

    wire.configure(host=workspace.host, token=Secret(workspace.token))
    assert refreshes()
    wire.configure(host=workspace.host, token=Secret(workspace.token), detect_drift="refresh")
    assert not refreshes()


def encode_settings() -> Any:
    from airbrick.iac.provider.codec import encode

    return encode(SETTINGS)


def test_a_read_outlives_an_outage(provider: Wire, workspace: Emulator) -> None:
    job_id, outputs = provider.create(JOB, "nightly", SETTINGS)
    workspace.fault("outage", path="/api/2.2/jobs/get", times=3)
    assert provider.read(JOB, "nightly", job_id, SETTINGS, **outputs)[0] == job_id
    assert provider.pause.waits_s == [0.5, 1, 2]


def test_a_cancel_ends_the_waiting(provider: Wire, workspace: Emulator, client: WorkspaceClient) -> None:
    workspace.fault("throttle", path=CREATE, times=99, retry_after_s=1)
    provider.stub.Cancel(Empty())
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(JOB, "nightly", SETTINGS)
    assert refusal(caught.value)[0] is grpc.StatusCode.UNAVAILABLE
    assert len(workspace.requests("POST", CREATE)) == 1
    assert jobs(client) == []


def test_many_calls_at_once_make_many_jobs(provider: Wire, client: WorkspaceClient) -> None:
    with ThreadPoolExecutor(40) as pool:
        made = list(
            pool.map(lambda index: provider.create(JOB, f"j{index}", {**SETTINGS, "name": f"j{index}"})[0], range(100))
        )
    assert len(set(made)) == 100
