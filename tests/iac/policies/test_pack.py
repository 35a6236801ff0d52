"""The policy pack under the real engine, in an environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.iac.project import Project

    from airbrick.emulator import Emulator

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]
ROOT = Path(__file__).parents[3]

PROGRAM = """
first = iac.Job(
    "first", max_concurrent_runs=11, queue={"enabled": False}, tags={"team": "data"}, timeout_seconds=60,
    tasks=[{
        "task_key": "load", "notebook_task": {"notebook_path": "/Users/bob@x.org/load"},
        "new_cluster": {"spark_version": "11.3.x-scala2.12", "spark_conf": {"db.password": "pa55word"}},
    }],
)
second = iac.Job("second", tasks=[{"task_key": "next", "run_job_task": {"job_id": first.job_id}}], timeout_seconds=60)
"""
GOOD = """
import pulumi
hidden = pulumi.Output.secret("hush-hush")
iac.Job(
    "first", queue={"enabled": False}, tags={"team": "data", "cost_center": "7"}, timeout_seconds=60,
    description=hidden,
    run_as={"service_principal_name": "6f5b2e6c-2f0a-4d7e-9b50-2f1d0f6ab111"},
    tasks=[{"task_key": "load", "notebook_task": {"notebook_path": "/Workspace/Shared/load"}}],
)
"""


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's pack, its environment made as `make policy` makes it."""
    folder = tmp_path_factory.mktemp("policy") / "policy"
    shutil.copytree(ROOT / "stacks" / "policy", folder, ignore=shutil.ignore_patterns(".venv"))
    uv = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    python = folder / ".venv" / "bin" / "python"
    for arguments in (
        ["venv", "--python", sys.executable, str(folder / ".venv")],
        ["pip", "sync", "--require-hashes", "--python", str(python), str(ROOT / "requirements" / "policy.txt")],
        ["pip", "install", "--no-deps", "--python", str(python), str(ROOT)],
    ):
        subprocess.run([uv, "--quiet", *arguments], check=True)
    return folder


def test_the_pack_stops_what_a_team_does_not_want(project: Project, workspace: Emulator, pack: Path) -> None:
    project.program(PROGRAM)
    with_pack = ("--policy-pack", str(pack), "--policy-pack-config", str(pack / "prod.json"))

    stopped = project.run("preview", *with_pack, check=False)

    said = stopped.stdout + stopped.stderr
    assert stopped.returncode != 0
    for text in (
        "max_concurrent_runs: 11 is more than the 10 that are allowed",
        "tags.cost_center: is required",
        "'/Users/bob@x.org/load' is one person's folder",
        "'11.3.x-scala2.12' is below 13.3",
        'spark_conf["db.password"]: looks like a secret in clear text',
        "add iac.Contract(jobs=[…])",
    ):
        assert text in said, said
    assert "pa55word" not in said
    # The job that is not made yet is no foreign job.
    assert "is not of this stack" not in said
    assert project.run("up", "--yes", "--skip-preview", *with_pack, check=False).returncode != 0
    assert workspace.requests("POST", "/api/2.2/jobs/create") == []


def test_a_remedy_mends_the_settings_and_keeps_secrets(project: Project, workspace: Emulator, pack: Path) -> None:
    project.program(GOOD)
    with_pack = ("--policy-pack", str(pack), "--policy-pack-config", str(pack / "prod.json"))

    project.run("up", "--yes", "--skip-preview", *with_pack)

    (made,) = workspace.requests("POST", "/api/2.2/jobs/create")
    assert made.body["queue"] == {"enabled": True}
    assert made.body["description"] == "hush-hush"
    assert "hush-hush" not in json.dumps(project.state())
    assert "hush-hush" not in "".join(project.logs)
    assert project.up(*with_pack) == {"same": 2}
