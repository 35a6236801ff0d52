"""Ctrl-C during an ``up`` under the real engine."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.iac.job_samples import CREATE, jobs
from tests.iac.project import wait_for

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from tests.iac.project import Project

    from airbrick.emulator import Emulator

pytestmark = pytest.mark.end_to_end

COUNT = 24
PROGRAM = f"""
for index in range({COUNT}):
    iac.Job(f"job{{index:02}}", tasks=[{{"task_key": "a", "notebook_task": {{"notebook_path": "/x"}}}}])
"""


def ids(client: WorkspaceClient) -> set[str]:
    return {str(job["job_id"]) for job in jobs(client)}


def kept(project: Project) -> set[str]:
    """Give the ids of the jobs that the state knows."""
    resources = project.state()["deployment"]["resources"]
    return {item["id"] for item in resources if item["type"].endswith(":Job")}


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="finds the plugin through /proc")
@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
def test_after_ctrl_c_the_next_up_leaves_one_job_for_each_resource(
    project: Project, workspace: Emulator, client: WorkspaceClient, times: int
) -> None:
    project.program(PROGRAM)
    # When the engine is told to stop, eight jobs are made whose answers are still on their way.
    workspace.fault("slow", path=CREATE, skip=4, times=8, delay_s=10.0)
    with project.started("up", "--yes", "--skip-preview", "--parallel", "8") as (engine, said):
        wait_for(lambda: len(workspace.requests("POST", CREATE)) >= 12)
        for _ in range(times):
            # A terminal sends it to the engine and to the program; plugins have a group of their own.
            os.killpg(engine.pid, signal.SIGINT)
            wait_for(lambda: "cancel" in said.read_text(encoding="utf-8"))
        assert engine.wait(120) != 0
    wait_for(lambda: not project.plugins())
    made = ids(client)
    assert 12 <= len(made) < COUNT
    # Told twice, the engine waits for no answer: the state does not know of the eight.
    assert len(made) - len(kept(project)) == (0 if times == 1 else 8)
    project.run("cancel", "--yes", check=False)
    project.up()
    assert sorted(job["settings"]["name"] for job in jobs(client)) == [f"job{index:02}" for index in range(COUNT)]
    assert made < ids(client) == kept(project)
    assert project.up() == {"same": COUNT + 1}
    # What the engine was doing it keeps in mind until it is told that all is found.
    assert len(project.state()["deployment"].get("pending_operations") or []) == (0 if times == 1 else 8)
    project.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
    assert not project.state()["deployment"].get("pending_operations")
