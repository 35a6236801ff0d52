"""Kills, replacements, imports and mistakes under the real engine."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.iac.job_samples import CREATE, jobs, post
from tests.iac.project import wait_for

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from tests.iac.project import Project

    from airbrick.emulator import Emulator

pytestmark = pytest.mark.end_to_end

NIGHTLY = 'iac.Job("nightly", tasks=[{"task_key": "a", "notebook_task": {"notebook_path": "/x"}}])\n'


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="finds the plugin through /proc")
@pytest.mark.parametrize("victim", ["provider", "engine"])
def test_a_kill_between_the_request_and_the_saved_state_leaves_one_job(
    project: Project, workspace: Emulator, client: WorkspaceClient, victim: str
) -> None:
    project.program(NIGHTLY)
    # The job is made, its answer is lost, and the lookup gets no answer either: the provider keeps looking.
    workspace.fault("lost_ack", path=CREATE, times=1)
    workspace.fault("outage", path="/api/2.2/jobs/list", skip=1, times=999)
    with project.started("up", "--yes", "--skip-preview") as (engine, _):
        wait_for(lambda: len(workspace.requests("GET", "/api/2.2/jobs/list")) > 1)
        plugins = project.plugins()
        assert plugins
        if victim == "engine":
            os.killpg(engine.pid, signal.SIGKILL)
        for plugin in plugins:
            os.kill(plugin, signal.SIGKILL)
        engine.wait(60)
    workspace.forget()
    (orphan,) = jobs(client)
    project.run("cancel", "--yes")
    project.up()
    assert [job["job_id"] for job in jobs(client)] == [orphan["job_id"]]
    assert workspace.requests("POST", CREATE) == []
    assert project.resource("nightly")["id"] == str(orphan["job_id"])
    assert project.up() == {"same": 2}


def test_a_job_that_is_to_be_replaced_is_made_anew(
    project: Project, workspace: Emulator, client: WorkspaceClient
) -> None:
    project.program(NIGHTLY)
    project.up()
    (old,) = jobs(client)
    project.run("up", "--yes", "--skip-preview", "--replace", project.resource("nightly")["urn"])
    (new,) = jobs(client)
    assert new["job_id"] != old["job_id"]
    assert project.resource("nightly")["id"] == str(new["job_id"])
    assert project.up() == {"same": 2}


def test_a_stack_of_the_same_name_in_another_backend_takes_nothing_over(
    project: Project, workspace: Emulator, client: WorkspaceClient, tmp_path: Path
) -> None:
    project.program(NIGHTLY)
    project.up()
    (made,) = jobs(client)
    (tmp_path / "other").mkdir()
    project.environ["PULUMI_BACKEND_URL"] = f"file://{tmp_path / 'other'}"
    project.stack_file.unlink()
    project.run("stack", "init", "dev")
    project.config(host=workspace.host, token=workspace.token)
    refused = project.run("up", "--yes", "--skip-preview", check=False)
    assert f"exists already as {made['job_id']}, that of a stack of the same name in another state" in refused.stdout
    project.run("destroy", "--yes", "--skip-preview")
    assert jobs(client) == [made]


def test_an_existing_job_is_imported_by_its_id(project: Project, workspace: Emulator, client: WorkspaceClient) -> None:
    tasks = [{"task_key": "a", "notebook_task": {"notebook_path": "/x"}}]
    made = post(client, "create", name="old one", tasks=tasks, queue={"enabled": True}, tags={"k": "v"})
    project.program("")
    project.run(
        "import", "airbrick:databricks:Job", "old", str(made["job_id"]), "--yes", "--generate-code=false",
        "--skip-preview", "--protect=false",
    )  # fmt: skip
    project.program(f'iac.Job("old", name="old one", tasks={json.dumps(tasks)}, tags={{"k": "v"}})\n')
    assert project.up() == {"same": 2}
    failed = project.run(
        "import", "airbrick:databricks:Job", "gone", "123", "--yes", "--generate-code=false", "--skip-preview",
        check=False,
    )  # fmt: skip
    assert failed.returncode != 0
    assert "does not exist" in failed.stdout + failed.stderr


def test_options_of_the_engine_are_honoured(project: Project, workspace: Emulator, client: WorkspaceClient) -> None:
    project.program(
        "import pulumi\n"
        'iac.Job("nightly", timeout_seconds=60, opts=pulumi.ResourceOptions(\n'
        '    ignore_changes=["timeout_seconds"], retain_on_delete=True))\n'
    )
    # With detect_drift: refresh, a plain `up` does not look; `pulumi refresh` does.
    project.config(
        host=workspace.host,
        client_id=workspace.client_id,
        client_secret=workspace.client_secret,
        detect_drift="refresh",
    )
    project.up()
    (made,) = jobs(client)
    post(client, "update", job_id=made["job_id"], new_settings={"timeout_seconds": 5, "max_concurrent_runs": 9})
    workspace.forget()
    assert project.up() == {"same": 2}
    assert workspace.requests("GET", "/api/2.2/jobs/get") == []
    project.run("refresh", "--yes", "--skip-preview")
    assert project.up()["update"] == 1
    (seen,) = jobs(client)
    assert (seen["settings"]["timeout_seconds"], seen["settings"]["max_concurrent_runs"]) == (5, 1)
    # retainOnDelete leaves the job where it is.
    project.run("destroy", "--yes", "--skip-preview")
    assert len(jobs(client)) == 1
    assert workspace.client_secret not in json.dumps(project.state()) + "".join(project.logs)


def test_mistakes_are_said_before_anything_is_made(project: Project, workspace: Emulator) -> None:
    project.program(
        'iac.Job("nightly", max_concurrent_runs="one", timeout_second=5, tasks=[\n'
        '    {"task_key": "load", "notebook_task": {"notebook_path": 5}},\n'
        '    {"task_key": "sum", "depends_on": [{"task_key": "laod"}]}])\n'
    )
    failed = project.run("preview", check=False)
    said = failed.stdout + failed.stderr
    assert failed.returncode != 0
    assert "max_concurrent_runs" in said
    assert "expected a whole number, found text" in said
    assert "tasks[0].notebook_task.notebook_path" in said
    assert "did you mean 'timeout_seconds'?" in said
    assert workspace.requests("POST") == []
    assert "Traceback" not in said


def test_a_mistake_in_the_program_is_one_line(project: Project) -> None:
    project.program('iac.Contract(path="nowhere")\n')
    failed = project.run("preview", check=False)
    said = failed.stdout + failed.stderr
    assert "Contract(path='nowhere'): there is no such folder beside the program; make it" in said
    assert "Traceback" not in said


def test_a_wrong_token_and_a_workspace_that_is_away_are_one_line_each(project: Project, workspace: Emulator) -> None:
    project.program(NIGHTLY)
    project.config(host=workspace.host, token="dapi-wrong-token")
    refused = project.run("up", "--yes", "--skip-preview", check=False)
    assert "Databricks refused GET /api/2.2/jobs/list (401" in refused.stdout + refused.stderr
    project.config(host="http://127.0.0.1:9", token="dapi-wrong-token")
    away = project.run("up", "--yes", "--skip-preview", check=False)
    assert "Databricks at http://127.0.0.1:9" in away.stdout + away.stderr
    assert "check airbrick:host (or DATABRICKS_HOST)" in away.stdout + away.stderr
    shown = refused.stdout + refused.stderr + away.stdout + away.stderr
    assert "dapi-wrong-token" not in shown
    assert "Traceback" not in shown


def test_wrong_configuration_is_said_with_its_key(project: Project) -> None:
    project.program(NIGHTLY)
    project.config(host="adb-1.example", hots="x")
    failed = project.run("preview", check=False)
    said = failed.stdout + failed.stderr
    assert "has no scheme; write it as https://adb-1.example" in said
