"""Jobs, files and the contract under the real engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from airbrick.contract import FINGERPRINT_TAG, OWNER_TAG, fingerprint_tag, load

if TYPE_CHECKING:
    from tests.iac.project import Project

    from airbrick.emulator import Emulator

pytestmark = pytest.mark.end_to_end

PROGRAM = """
import pulumi
env = iac.Environment.from_config()
load = iac.WorkspaceFile("load", path="/Workspace/orders/load", source="load.py")
nightly = iac.Job(
    "nightly", env=env, timeout_seconds=3600,
    tasks=[
        {"task_key": "load", "notebook_task": {"notebook_path": load.path}},
        {"task_key": "sum", "notebook_task": {"notebook_path": load.path}, "depends_on": [{"task_key": "load"}]},
    ],
    parameters=[{"name": "run_date", "default": ""}],
)
after = iac.Job(
    "after", env=env,
    tasks=[{"task_key": "next", "run_job_task": {"job_id": nightly.job_id}}],
    tags={"größe": "1"},
    description=pulumi.Output.secret("hush-hush"),
)
iac.Contract(jobs=[nightly, after], path="dags")
"""


@pytest.fixture
def orders(project: Project, workspace: Emulator) -> Project:
    (project.folder / "dags").mkdir()
    (project.folder / "load.py").write_text("# Databricks notebook source\nprint(1)\n", encoding="utf-8")
    project.program(PROGRAM)
    project.config(
        host=workspace.host, token=workspace.token, environment={"name_prefix": "[dev] ", "tags": {"team": "data"}}
    )
    project.logs.clear()
    return project


def jobs_by_name(workspace: Emulator) -> dict[str, dict[str, Any]]:
    import requests

    headers = {"Authorization": f"Bearer {workspace.token}"}
    answer = requests.get(f"{workspace.host}/api/2.2/jobs/list?expand_tasks=true", headers=headers, timeout=10).json()
    jobs = answer.get("jobs", [])
    found = {job["settings"]["name"]: job for job in jobs}
    assert len(found) == len(jobs)
    return found


def edit(workspace: Emulator, job_id: int, **settings: Any) -> None:
    import requests

    headers = {"Authorization": f"Bearer {workspace.token}"}
    body = {"job_id": job_id, "new_settings": settings}
    requests.post(f"{workspace.host}/api/2.2/jobs/update", headers=headers, json=body, timeout=10).raise_for_status()


def test_the_life_of_a_stack(orders: Project, workspace: Emulator) -> None:
    # First deployment.
    assert orders.up() == {"create": 5}
    made = jobs_by_name(workspace)
    assert sorted(made) == ["[dev] after", "[dev] nightly"]
    nightly, after = made["[dev] nightly"], made["[dev] after"]
    assert after["settings"]["tasks"][0]["run_job_task"]["job_id"] == nightly["job_id"] > 2**53
    assert nightly["settings"]["queue"] == {"enabled": True}
    assert nightly["settings"]["tags"]["team"] == "data"

    # The contract says what is there.
    file = orders.folder / "dags" / "airbrick.contract.dev.json"
    contract = load(file)
    assert contract.jobs["nightly"].job_id == str(nightly["job_id"])
    assert contract.jobs["nightly"].tasks["sum"].depends_on == ("load",)
    assert contract.jobs["after"].tags == {"team": "data", "größe": "1"}
    assert contract.workspace.workspace_id == workspace.workspace_id
    fingerprint = contract.jobs["nightly"].fingerprint
    assert fingerprint is not None
    assert nightly["settings"]["tags"][FINGERPRINT_TAG] == fingerprint_tag(fingerprint)

    # No secret is stored or shown.
    state = json.dumps(orders.state())
    assert "hush-hush" not in state
    assert workspace.token not in state

    # Nothing changed: nothing is done, and a missing file is written again without being a change.
    text = file.read_bytes()
    file.unlink()
    assert orders.run("preview", "--expect-no-changes", "--json").returncode == 0
    workspace.forget()
    assert orders.up() == {"same": 5}
    assert file.read_bytes() == text
    assert workspace.requests("POST") == []

    # An edit in the workspace is seen by a plain `up` and taken back.
    edit(workspace, nightly["job_id"], timeout_seconds=1)
    assert orders.up()["update"] == 1
    assert jobs_by_name(workspace)["[dev] nightly"]["settings"]["timeout_seconds"] == 3600
    assert orders.up() == {"same": 5}

    # A job that was deleted by hand is made again.
    import requests

    headers = {"Authorization": f"Bearer {workspace.token}"}
    body = {"job_id": nightly["job_id"]}
    requests.post(f"{workspace.host}/api/2.2/jobs/delete", headers=headers, json=body, timeout=10).raise_for_status()
    orders.up()
    again = jobs_by_name(workspace)
    assert again["[dev] after"]["settings"]["tasks"][0]["run_job_task"]["job_id"] == again["[dev] nightly"]["job_id"]
    assert load(file).jobs["nightly"].job_id == str(again["[dev] nightly"]["job_id"])
    assert again["[dev] nightly"]["settings"]["tags"][OWNER_TAG] == nightly["settings"]["tags"][OWNER_TAG]

    # The end.
    orders.run("destroy", "--yes", "--skip-preview")
    assert jobs_by_name(workspace) == {}
    assert "hush-hush" not in "".join(orders.logs)
    assert workspace.token not in "".join(orders.logs)


@pytest.mark.parametrize("preset", ["lost_ack", "half_body"])
def test_a_lost_answer_to_create_leaves_one_job(orders: Project, workspace: Emulator, preset: str) -> None:
    workspace.fault(preset, path="/api/2.2/jobs/create", times=1)
    assert orders.up() == {"create": 5}
    assert len(jobs_by_name(workspace)) == 2
    assert orders.up() == {"same": 5}


def test_an_outage_during_create_is_completed_by_the_next_up(orders: Project, workspace: Emulator) -> None:
    workspace.fault("outage", path="/api/2.2/jobs/create", times=1)
    failed = orders.run("up", "--yes", "--skip-preview", check=False)
    assert failed.returncode != 0
    assert "run `pulumi up` again" in failed.stdout + failed.stderr
    workspace.forget()
    orders.up()
    assert len(jobs_by_name(workspace)) == 2


def test_a_job_made_by_a_killed_up_is_taken_over(orders: Project, workspace: Emulator) -> None:
    orders.up()
    before = jobs_by_name(workspace)
    # A kill between the request and the saved state leaves the job and a state without it.
    state = orders.state()
    resources = state["deployment"]["resources"]
    state["deployment"]["resources"] = [item for item in resources if item["type"].startswith("pulumi:")]
    saved = orders.folder / "state.json"
    saved.write_text(json.dumps(state), encoding="utf-8")
    orders.run("stack", "import", "--file", str(saved))
    workspace.forget()
    orders.up()
    after = jobs_by_name(workspace)
    assert {name: job["job_id"] for name, job in after.items()} == {name: job["job_id"] for name, job in before.items()}
    assert workspace.requests("POST", "/api/2.2/jobs/create") == []
    assert orders.up() == {"same": 5}
    assert "takes over job" in "".join(orders.logs)


def test_the_engine_does_not_print_a_secret_of_the_wrong_type(orders: Project) -> None:
    orders.program('import pulumi\niac.Job("nightly", tasks=pulumi.Output.secret("hush-hush"))\n')
    done = orders.run("preview", check=False)
    assert done.returncode != 0
    assert "'nightly' has a problem: tasks: expected a list, found text; put it in [ ]" in done.stdout + done.stderr
    assert "hush-hush" not in "".join(orders.logs)


def test_a_job_is_imported_as_the_documents_say(orders: Project, workspace: Emulator) -> None:
    import requests

    headers = {"Authorization": f"Bearer {workspace.token}"}
    tasks = [{"task_key": "load", "notebook_task": {"notebook_path": "/load"}}]
    body = {"name": "nightly", "tasks": tasks, "max_concurrent_runs": 3, "queue": {"enabled": True}}
    made = requests.post(f"{workspace.host}/api/2.2/jobs/create", headers=headers, json=body, timeout=10).json()
    job_id = str(made["job_id"])
    orders.run("import", "airbrick:databricks:Job", "nightly", job_id, "--generate-code=false", "--yes")
    assert orders.resource("nightly")["protect"] is True
    orders.program(f'iac.Job("nightly", tasks={tasks!r}, max_concurrent_runs=4)\n')
    assert orders.up()["update"] == 1
    assert "protect" not in orders.resource("nightly")
    (job,) = jobs_by_name(workspace).values()
    assert (str(job["job_id"]), job["settings"]["max_concurrent_runs"]) == (job_id, 4)
