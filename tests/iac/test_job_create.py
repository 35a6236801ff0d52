"""Jobs: creation, over the protocol, in the emulator."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from databricks.sdk import WorkspaceClient
from google.protobuf.empty_pb2 import Empty
from tests.iac.job_samples import CREATE, JOB, SETTINGS, jobs, post
from tests.iac.wire import init_failed, refusal

from airbrick.contract import FINGERPRINT_TAG, OWNER_TAG, fingerprint_tag
from airbrick.iac.provider.codec import decode
from airbrick.iac.values import UNKNOWN, Secret

if TYPE_CHECKING:
    from tests.iac.wire import Wire

    from airbrick.emulator import Emulator


def test_a_preview_tells_what_can_be_known_and_calls_nothing(provider: Wire, workspace: Emulator) -> None:
    resource_id, outputs = provider.create(JOB, "nightly", SETTINGS, preview=True)
    assert resource_id == ""
    assert (outputs["job_id"], outputs["url"]) == (UNKNOWN, UNKNOWN)
    assert outputs["job_name"] == "nightly"
    assert outputs["fingerprint"].startswith("sha256:")
    assert outputs["contract_entry"]["tasks"]["b"] == {
        "type": "notebook_task",
        "depends_on": ["a"],
        "code": "/Workspace/a",
    }
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
        ({"tasks": [UNKNOWN, {"task_key": "b"}]}, "tasks"),
        ({"tasks": [Secret(UNKNOWN)]}, "tasks"),
        ({"parameters": [UNKNOWN]}, "parameters"),
        ({"queue": UNKNOWN}, "queue_enabled"),
        ({"parameters": UNKNOWN}, "parameters"),
    ],
)
def test_a_preview_leaves_open_what_depends_on_the_unknown(wire: Wire, change: dict[str, Any], part: str) -> None:
    _, outputs = wire.create(JOB, "nightly", {**SETTINGS, **change}, preview=True)
    assert outputs["contract_entry"][part] is UNKNOWN


@pytest.mark.parametrize(
    ("starter", "has_schedule"),
    [
        ({"schedule": {"quartz_cron_expression": "0 0 0 * * ?", "timezone_id": "UTC"}}, True),
        ({"trigger": {"file_arrival": {"url": "s3://x/"}}}, True),
        ({"triggers": [{"periodic": {"interval": 1, "unit": "DAYS"}}]}, True),
        ({"triggers": []}, False),
        ({"continuous": {}}, True),
        ({}, False),
    ],
)
def test_the_contract_tells_whether_a_job_starts_by_itself(
    wire: Wire, starter: dict[str, Any], has_schedule: bool
) -> None:
    _, outputs = wire.create(JOB, "nightly", {**SETTINGS, **starter}, preview=True)
    assert outputs["contract_entry"]["has_schedule"] is has_schedule


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ({"notebook_task": {"notebook_path": "/Shared/load", "source": "WORKSPACE"}}, "/Shared/load"),
        ({"spark_python_task": {"python_file": "/Shared/load.py", "parameters": ["x"]}}, "/Shared/load.py"),
        ({"python_wheel_task": {"package_name": "orders", "entry_point": "main"}}, "orders:main"),
        ({"notebook_task": {"notebook_path": UNKNOWN}}, None),
        ({"notebook_task": {"notebook_path": Secret("/Shared/hush")}}, None),
        ({"notebook_task": Secret({"notebook_path": "/Shared/hush"})}, None),
        ({"notebook_task": UNKNOWN}, None),
        ({"run_job_task": {"job_id": "1"}}, None),
    ],
)
def test_the_contract_tells_what_a_task_runs(wire: Wire, task: dict[str, Any], code: str | None) -> None:
    _, outputs = wire.create(JOB, "nightly", {**SETTINGS, "tasks": [{"task_key": "a", **task}]}, preview=True)
    entry = outputs["contract_entry"]
    assert entry["tasks"]["a"].get("code") == code
    assert "secrets" not in entry
    assert "hush" not in str(entry)


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


def test_a_job_of_a_stack_of_the_same_name_in_another_state_is_left_alone(
    provider: Wire, next_provider: Wire, client: WorkspaceClient
) -> None:
    job_id, _ = provider.create(JOB, "nightly", SETTINGS)
    next_provider.provider_id = "another"
    next_provider.next_up()
    with pytest.raises(grpc.RpcError) as caught:
        next_provider.create(JOB, "nightly", SETTINGS)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.ALREADY_EXISTS
    assert message.startswith(f"Databricks refused job 'nightly': exists already as {job_id}, that of a stack of the ")
    assert f"`pulumi import airbrick:databricks:Job nightly {job_id}`" in message
    # After the import it is ours to replace and to change.
    next_provider.read(JOB, "nightly", job_id, SETTINGS)
    replaced, _ = next_provider.create(JOB, "nightly", SETTINGS)
    assert {str(job["job_id"]) for job in jobs(client)} == {job_id, replaced}


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
    next_provider.delete(JOB, "nightly", old, same_up=True)
    assert [str(job["job_id"]) for job in jobs(client)] == [new]


def test_an_interrupted_replacement_is_completed(
    provider: Wire, next_provider: Wire, workspace: Emulator, client: WorkspaceClient
) -> None:
    old, _ = provider.create(JOB, "nightly", SETTINGS)
    provider.read(JOB, "nightly", old, SETTINGS)
    new, _ = provider.create(JOB, "nightly", SETTINGS)
    # Killed here: the state still holds the old one alone.
    next_provider.read(JOB, "nightly", old, SETTINGS)
    next_provider.check(JOB, "nightly", SETTINGS, SETTINGS)
    next_provider.diff(JOB, "nightly", SETTINGS, SETTINGS, old)
    assert next_provider.create(JOB, "nightly", SETTINGS)[0] == new
    next_provider.delete(JOB, "nightly", old, same_up=True)
    assert [str(job["job_id"]) for job in jobs(client)] == [new]


def test_a_job_of_the_state_whose_id_is_not_known_is_not_taken_over(
    provider: Wire, next_provider: Wire, client: WorkspaceClient
) -> None:
    old, _ = provider.create(JOB, "nightly", SETTINGS)
    next_provider.check(JOB, "nightly", SETTINGS, SETTINGS)
    assert next_provider.create(JOB, "nightly", SETTINGS)[0] != old


def test_a_refused_create_says_why_without_secrets(provider: Wire, client: WorkspaceClient) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(JOB, "nightly", {**SETTINGS, "git_source": {"git_url": Secret("hush-hush"), "git_provider": 5}})
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "Databricks refused POST /api/2.2/jobs/create" in message
    assert "hush-hush" not in message
    assert jobs(client) == []


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
