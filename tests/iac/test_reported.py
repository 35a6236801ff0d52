"""What users of other tools report: the tests that show it does not happen here, where no other module has them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from databricks.sdk import WorkspaceClient
from pulumi.runtime.proto import provider_pb2
from tests.iac.job_samples import JOB, NOTEBOOK, SETTINGS, jobs, post

if TYPE_CHECKING:
    from tests.iac.wire import Wire

    from airbrick.emulator import Emulator

TESTS = Path(__file__).parent
PAGE = TESTS.parents[1] / "docs" / "reported.md"
NONE, SOME = provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME


def turned(value: Any) -> Any:
    """Turn every list of objects around."""
    if isinstance(value, dict):
        return {key: turned(inner) for key, inner in value.items()}
    if isinstance(value, list) and all(isinstance(inner, dict) for inner in value):
        return [turned(inner) for inner in reversed(value)]
    return value


ORDERED = {
    **SETTINGS,
    "tasks": [
        {"task_key": "a", "notebook_task": {**NOTEBOOK, "source": "WORKSPACE"}},
        {"task_key": "b", "notebook_task": {**NOTEBOOK, "source": "GIT"}},
        {"task_key": "c", "notebook_task": NOTEBOOK, "depends_on": [{"task_key": "a"}, {"task_key": "b"}]},
    ],
    "git_source": {"git_url": "https://example.com/r", "git_provider": "gitHub", "git_branch": "main"},
    "webhook_notifications": {"on_failure": [{"id": "1"}, {"id": "2"}]},
}


def test_the_order_in_which_the_workspace_answers_is_no_drift(provider: Wire, client: WorkspaceClient) -> None:
    job_id, outputs = provider.create(JOB, "nightly", ORDERED)
    post(
        client,
        "update",
        job_id=int(job_id),
        new_settings=turned({**ORDERED, "tags": jobs(client)[0]["settings"]["tags"]}),
    )
    assert provider.read(JOB, "nightly", job_id, ORDERED, **outputs) == (job_id, ORDERED, outputs)
    assert provider.diff(JOB, "nightly", turned(ORDERED), ORDERED).changes == NONE


def test_another_run_as_in_the_workspace_is_drift(provider: Wire, workspace: Emulator, client: WorkspaceClient) -> None:
    inputs = {**SETTINGS, "run_as": {"user_name": "someone@example.com"}}
    job_id, outputs = provider.create(JOB, "nightly", inputs)
    other = {"service_principal_name": workspace.client_id}
    post(client, "update", job_id=int(job_id), new_settings={"run_as": other})
    seen = provider.read(JOB, "nightly", job_id, inputs, **outputs)[1]
    assert seen["run_as"] == other
    assert provider.diff(JOB, "nightly", seen, inputs).changes == SOME


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ({"user_name": "Ana.Diaz@Example.com"}, {"user_name": "ana.diaz@example.com"}),
        ({"service_principal_name": "0D6E7C1A-ABCD"}, {"service_principal_name": "0d6e7c1a-abcd"}),
    ],
)
def test_the_case_in_which_the_workspace_keeps_run_as_is_no_drift(
    provider: Wire, client: WorkspaceClient, written: dict[str, str], kept: dict[str, str]
) -> None:
    inputs = {**SETTINGS, "run_as": written}
    job_id, outputs = provider.create(JOB, "nightly", inputs)
    post(client, "update", job_id=int(job_id), new_settings={"run_as": kept})
    assert provider.read(JOB, "nightly", job_id, inputs, **outputs) == (job_id, inputs, outputs)
    assert provider.diff(JOB, "nightly", {**SETTINGS, "run_as": kept}, inputs).changes == NONE
    (name,) = written
    another = {name: f"x{kept[name]}"}
    assert provider.diff(JOB, "nightly", {**SETTINGS, "run_as": another}, inputs).changes == SOME


def test_a_deployment_leaves_what_others_may_do(provider: Wire, client: WorkspaceClient) -> None:
    job_id, outputs = provider.create(JOB, "nightly", SETTINGS)
    given = {"access_control_list": [{"user_name": "new@example.com", "permission_level": "CAN_VIEW"}]}
    client.api_client.do("PATCH", f"/api/2.0/permissions/jobs/{job_id}", body=given)
    before = client.api_client.do("GET", f"/api/2.0/permissions/jobs/{job_id}")
    provider.update(JOB, "nightly", job_id, SETTINGS, {**SETTINGS, "timeout_seconds": 7}, **outputs)
    assert client.api_client.do("GET", f"/api/2.0/permissions/jobs/{job_id}") == before
    assert "new@example.com" in str(before)


def test_a_task_setting_beside_the_tasks_is_named(wire: Wire) -> None:
    given = {**SETTINGS, "notebook_task": NOTEBOOK, "existing_cluster_id": "1", "max_retries": 3}
    wire.check(JOB, "nightly", given)
    for setting in ("notebook_task", "existing_cluster_id", "max_retries"):
        assert any(f"did you mean tasks[].{setting}?" in warning for warning in wire.engine.warnings), setting


def test_a_deployment_runs_nothing(provider: Wire, workspace: Emulator) -> None:
    job_id, outputs = provider.create(JOB, "nightly", SETTINGS)
    provider.update(JOB, "nightly", job_id, SETTINGS, {**SETTINGS, "timeout_seconds": 7}, **outputs)
    assert workspace.requests("POST", "/api/2.2/jobs/run-now") == []
    assert workspace.requests("POST", "/api/2.2/jobs/runs/submit") == []


def test_every_test_that_the_page_names_is_there() -> None:
    named = re.findall(r"`tests/iac/(\S+\.py)::(test_\w+)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) > 20
    missing = [
        f"{path}::{test}" for path, test in named if f"def {test}(" not in (TESTS / path).read_text(encoding="utf-8")
    ]
    assert missing == []
