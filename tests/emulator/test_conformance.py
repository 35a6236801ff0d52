"""The unmodified databricks-sdk against the emulator, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import ResourceDoesNotExist, Unauthenticated
from databricks.sdk.service import jobs

if TYPE_CHECKING:
    from airbrick.emulator import Emulator, ManualClock


def two_tasks() -> list[jobs.Task]:
    return [
        jobs.Task(task_key="load", notebook_task=jobs.NotebookTask("/Shared/load")),
        jobs.Task(
            task_key="sum",
            depends_on=[jobs.TaskDependency("load")],
            spark_python_task=jobs.SparkPythonTask("/Shared/sum.py"),
        ),
    ]


def test_a_job_is_created_read_and_deleted(client: WorkspaceClient) -> None:
    job_id = client.jobs.create(name="nightly", tasks=two_tasks()).job_id
    assert job_id is not None
    assert job_id > 2**53
    settings = client.jobs.get(job_id).settings
    assert settings is not None
    assert settings.name == "nightly"
    client.jobs.delete(job_id)
    with pytest.raises(ResourceDoesNotExist, match=f"Job {job_id} does not exist"):
        client.jobs.get(job_id)


def test_a_run_goes_through_its_states(client: WorkspaceClient, clock: ManualClock) -> None:
    job_id = client.jobs.create(name="nightly", tasks=two_tasks()).job_id
    assert job_id is not None
    run_id = client.jobs.run_now(job_id).run_id
    assert run_id is not None
    seen = []
    for _ in range(16):
        state = client.jobs.get_run(run_id).state
        assert state is not None
        assert state.life_cycle_state is not None
        seen.append(state.life_cycle_state.value)
        clock.advance(1)
    assert list(dict.fromkeys(seen)) == ["PENDING", "RUNNING", "TERMINATED"]


def test_a_service_principal_gets_a_token(workspace: Emulator) -> None:
    client = WorkspaceClient(host=workspace.host, client_id=workspace.client_id, client_secret=workspace.client_secret)
    assert client.current_user.me().user_name == workspace.client_id


def test_an_unknown_token_is_refused(workspace: Emulator) -> None:
    client = WorkspaceClient(host=workspace.host, token="wrong")
    with pytest.raises(Unauthenticated):
        client.current_user.me()


def test_a_lost_answer_does_not_double_a_run_with_a_token(workspace: Emulator, client: WorkspaceClient) -> None:
    job_id = client.jobs.create(name="nightly", tasks=two_tasks()).job_id
    assert job_id is not None
    workspace.fault("lost_ack", path="/api/2.2/jobs/run-now")
    client.jobs.run_now(job_id, idempotency_token="once")
    assert len(workspace.requests("POST", "/api/2.2/jobs/run-now")) == 2
    assert len(list(client.jobs.list_runs(job_id=job_id))) == 1
