"""runs/submit: runs without a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from databricks.sdk.service.jobs import NotebookTask, Source, SubmitTask
from tests.emulator.helpers import JOBS, Api, task

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from airbrick.emulator import Emulator, ManualClock

SUBMIT = f"{JOBS}/runs/submit"


def test_a_submitted_run_lives_like_a_run_of_a_job(api: Api, clock: ManualClock) -> None:
    answer = api.post(SUBMIT, {"run_name": "once", "tasks": [task("a"), task("b", "a")], "timeout_seconds": 60})
    assert set(answer) == {"run_id"}
    clock.advance(100)
    run = api.run(answer["run_id"])
    assert (run["run_type"], run["run_name"], run["state"]["result_state"]) == ("SUBMIT_RUN", "once", "SUCCESS")
    assert [item["task_key"] for item in run["tasks"]] == ["a", "b"]
    assert run["tasks"][0]["notebook_task"]["source"] == "WORKSPACE"
    assert run["job_id"] != run["run_id"]
    assert api.get(f"{JOBS}/list")["has_more"] is False
    assert "jobs" not in api.get(f"{JOBS}/list")
    listed = api.get(f"{JOBS}/runs/list", run_type="SUBMIT_RUN")["runs"]
    assert [item["run_id"] for item in listed] == [run["run_id"]]
    assert "runs" not in api.get(f"{JOBS}/runs/list", run_type="JOB_RUN")


def test_the_official_client_submits_and_waits(client: WorkspaceClient, workspace: Emulator) -> None:
    workspace.plan(setup_s=0, run_s=0)
    notebook = NotebookTask("/Shared/a", source=Source.WORKSPACE)
    run = client.jobs.submit_and_wait(tasks=[SubmitTask(task_key="a", notebook_task=notebook)])
    assert run.run_name == "Untitled"
    assert run.status is not None
    assert run.status.termination_details is not None
    assert str(run.status.termination_details.code) == "TerminationCodeCode.SUCCESS"


def test_a_token_names_the_run_whichever_way_it_was_made(api: Api) -> None:
    body = {"tasks": [task("a")], "idempotency_token": "once"}
    first = api.post(SUBMIT, body)
    assert api.post(SUBMIT, body) == first
    assert (
        api.post(f"{JOBS}/run-now", {"job_id": api.create(), "idempotency_token": "once"})["run_id"] == first["run_id"]
    )


def test_the_form_for_one_task_makes_one_task(api: Api, clock: ManualClock) -> None:
    body = {"existing_cluster_id": "0101-cluster", "notebook_task": {"notebook_path": "/Shared/a"}, "run_name": "old"}
    run = api.run(api.post("/api/2.1/jobs/runs/submit", body)["run_id"])
    (made,) = run["tasks"]
    assert (made["task_key"], made["existing_cluster_id"]) == ("main", "0101-cluster")
    clock.advance(100)
    assert api.run(run["run_id"])["state"]["result_state"] == "SUCCESS"


def test_git_source_and_environments_are_kept(api: Api) -> None:
    git = {"git_url": "https://example.com/a.git", "git_provider": "gitHub", "git_branch": "main"}
    environments = [{"environment_key": "e", "spec": {"client": "2", "dependencies": ["six"]}}]
    tasks = [task("a", environment_key="e")]
    run = api.run(api.post(SUBMIT, {"tasks": tasks, "git_source": git, "environments": environments})["run_id"])
    assert run["git_source"] == git
    assert run["tasks"][0]["environment_key"] == "e"
    assert run["tasks"][0]["notebook_task"]["source"] == "GIT"


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({}, "Missing required field: tasks"),
        ({"tasks": []}, "Missing required field: tasks"),
        ({"tasks": {}}, "tasks must be a list"),
        ({"tasks": [{"task_key": "a"}]}, "exactly one kind of task"),
        ({"tasks": [task("a", "b")]}, "depends on task 'b'"),
        ({"tasks": [task("a")], "notebook_task": {"notebook_path": "/a"}}, "notebook_task and tasks"),
        ({"tasks": [task("a")], "timeout_seconds": "5"}, "timeout_seconds must be an integer"),
        ({"tasks": [task("a")], "idempotency_token": "x" * 65}, "at most 64 characters"),
        ({"tasks": [task("a")], "access_control_list": [{"user_name": "a"}]}, "permission_level"),
    ],
)
def test_wrong_submissions_are_refused(api: Api, body: dict[str, Any], names: str) -> None:
    status, code, message = api.error("POST", SUBMIT, body)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert names in message
    assert "runs" not in api.get(f"{JOBS}/runs/list")
