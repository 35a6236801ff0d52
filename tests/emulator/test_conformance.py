"""The unmodified databricks-sdk against the emulator, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InternalError, OperationFailed, ResourceDoesNotExist, Unauthenticated
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


def test_waiting_for_a_run_returns_or_raises_as_the_run_ends(workspace: Emulator, client: WorkspaceClient) -> None:
    job_id = client.jobs.create(name="nightly", tasks=two_tasks(), max_concurrent_runs=2).job_id
    assert job_id is not None
    workspace.plan(setup_s=0, run_s=0)
    run = client.jobs.run_now(job_id).result()
    assert run.state is not None
    assert run.state.result_state is jobs.RunResultState.SUCCESS
    workspace.plan(task="load", setup_s=0, run_s=0, result="FAILED")
    with pytest.raises(OperationFailed, match="Task load failed"):
        client.jobs.run_now(job_id).result()


def test_jobs_with_many_tasks_are_put_together_from_pages(client: WorkspaceClient) -> None:
    tasks = [jobs.Task(task_key=f"t{n}", notebook_task=jobs.NotebookTask("/Shared/t")) for n in range(230)]
    job_id = client.jobs.create(name="wide", tasks=tasks).job_id
    assert job_id is not None
    settings = client.jobs.get(job_id).settings
    assert settings is not None
    assert [task.task_key for task in settings.tasks or []] == [task.task_key for task in tasks]
    run = client.jobs.get_run(client.jobs.run_now(job_id).run_id or 0)
    assert [task.task_key for task in run.tasks or []] == [task.task_key for task in tasks]
    listed = [job.settings.tasks for job in client.jobs.list(expand_tasks=True) if job.settings]
    assert [len(found or []) for found in listed] == [230]


def test_settings_survive_the_round_trip_through_the_sdk(client: WorkspaceClient) -> None:
    job_id = client.jobs.create(name="nightly", tasks=two_tasks(), tags={"team": "däta"}).job_id
    assert job_id is not None
    before = client.jobs.get(job_id).settings
    assert before is not None
    client.jobs.reset(job_id, before)
    assert client.jobs.get(job_id).settings == before
    client.jobs.update(job_id, new_settings=before, fields_to_remove=["tags"])
    after = client.jobs.get(job_id).settings
    assert after is not None
    assert after.tags == {"team": "däta"}


@pytest.mark.parametrize(
    ("preset", "values", "expected"),
    [
        ("outage", {"times": 1}, None),
        ("throttle", {"times": 1}, None),
        ("outage", {"times": 1, "status": 500, "error_code": "INTERNAL_ERROR"}, InternalError),
        ("token_expired", {"times": 1}, Unauthenticated),
        ("half_body", {"times": 1}, requests.exceptions.ChunkedEncodingError),
    ],
)
def test_the_sdk_meets_faults_as_it_meets_them_in_the_cloud(
    workspace: Emulator,
    client: WorkspaceClient,
    preset: str,
    values: dict[str, Any],
    expected: type[Exception] | None,
) -> None:
    client.current_user.me()
    workspace.fault(preset, path="/api/2.2/jobs/list", **values)
    if expected is None:
        assert list(client.jobs.list()) == []
        assert len(workspace.requests("GET", "/api/2.2/jobs/list")) == 2
    else:
        with pytest.raises(expected):
            list(client.jobs.list())
