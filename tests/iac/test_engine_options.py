"""Pulumi's resource options with our provider, under the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from tests.iac.project import Project

    from airbrick.emulator import Emulator

pytestmark = [pytest.mark.end_to_end]

TASKS = 'tasks=[{"task_key": "a", "notebook_task": {"notebook_path": "/a"}}]'


def program(**options: str) -> str:
    jobs = [
        f'iac.Job("{name}", {TASKS}, timeout_seconds=60, opts=pulumi.ResourceOptions({option}))'
        for name, option in options.items()
    ]
    return "\n".join(["import pulumi", *jobs, ""])


def call(workspace: Emulator, path: str, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {workspace.token}"}
    if not body:
        return requests.get(f"{workspace.host}{path}", headers=headers, timeout=10).json()
    return requests.post(f"{workspace.host}{path}", headers=headers, json=body, timeout=10).json()


def timeouts(workspace: Emulator) -> dict[str, int]:
    jobs = call(workspace, "/api/2.2/jobs/list").get("jobs", [])
    return {job["settings"]["name"]: job["settings"]["timeout_seconds"] for job in jobs}


def test_options_are_honoured(project: Project, workspace: Emulator) -> None:
    project.program(
        program(
            ignored='ignore_changes=["timeout_seconds"]',
            kept="retain_on_delete=True",
            protected="protect=True",
            old='custom_timeouts=pulumi.CustomTimeouts(create="5m")',
        )
    )
    assert project.up() == {"create": 5}
    ids = {name: project.resource(name)["id"] for name in ("ignored", "old")}

    # An edit of what is ignored stays; another name under an alias is the same job.
    edit = {"timeout_seconds": 7}
    call(workspace, "/api/2.2/jobs/update", job_id=int(ids["ignored"]), new_settings=edit)
    project.program(
        program(
            ignored='ignore_changes=["timeout_seconds"]',
            kept="retain_on_delete=True",
            protected="protect=True",
            new='aliases=[pulumi.Alias(name="old")]',
        )
    )
    project.up()
    assert timeouts(workspace) == {"ignored": 7, "kept": 60, "protected": 60, "new": 60}
    assert project.resource("new")["id"] == ids["old"]

    # What is protected is not deleted, what is retained leaves the state alone.
    project.program(program(ignored='ignore_changes=["timeout_seconds"]', protected="protect=True"))
    project.up()
    assert sorted(timeouts(workspace)) == ["ignored", "kept", "protected"]
    refused = project.run("destroy", "--yes", "--skip-preview", check=False)
    assert refused.returncode != 0
    assert "protected" in timeouts(workspace)
