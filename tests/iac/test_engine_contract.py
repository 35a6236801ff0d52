"""``airbrick contract`` against a real stack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from airbrick.contract import parse

if TYPE_CHECKING:
    from tests.iac.project import Project

    from airbrick.emulator import Emulator

pytestmark = pytest.mark.end_to_end

JOB = 'nightly = iac.Job("nightly", tasks=[{"task_key": "a", "notebook_task": {"notebook_path": "/x"}}])\n'
CONTRACT = 'iac.Contract(jobs=[nightly], path=".")\n'


def airbrick(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("airbrick")
    return subprocess.run(
        [str(program), "contract", *arguments, "-C", str(project.folder)],
        env=project.environ,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_pull_and_preview_of_a_real_stack(project: Project) -> None:
    # Before the first deployment there is nothing to pull, and a preview without ids.
    project.program(JOB)
    missing = airbrick(project, "pull", "--stack", "dev")
    assert missing.returncode == 3
    assert "run `pulumi up` first" in missing.stderr
    without = airbrick(project, "preview")
    assert without.returncode == 3
    assert "add `iac.Contract(jobs=[...])`" in without.stderr
    project.program(JOB + CONTRACT)
    coming = airbrick(project, "preview", "-o", "-")
    assert coming.returncode == 0, coming.stderr
    foreseen = parse(coming.stdout, source="preview")
    assert foreseen.jobs["nightly"].job_id is None
    assert foreseen.jobs["nightly"].fingerprint is not None

    # A pull gives the bytes that `up` wrote, and a missing file is no change of the stack.
    project.up()
    file = project.folder / "airbrick.contract.dev.json"
    written = file.read_bytes()
    file.unlink()
    assert airbrick(project, "pull").returncode == 0
    assert file.read_bytes() == written
    file.unlink()
    assert project.run("preview", "--expect-no-changes", "--json").returncode == 0

    # The preview of a deployed stack is what is deployed.
    assert airbrick(project, "preview", "-o", "-").stdout.encode() == written
    project.program(JOB.replace('"nightly", ', '"nightly", timeout_seconds=60, ') + CONTRACT)
    changed = parse(airbrick(project, "preview", "-o", "-").stdout, source="preview").jobs["nightly"]
    assert changed.timeout_seconds == 60
    assert changed.job_id == json.loads(written)["jobs"]["nightly"]["job_id"]

    # What cannot be answered says why.
    unknown = airbrick(project, "pull", "--stack", "nope")
    assert unknown.returncode == 3
    assert "`pulumi stack ls` lists the stacks" in unknown.stderr
    project.environ["PULUMI_CONFIG_PASSPHRASE"] = "wrong"
    refused = airbrick(project, "preview")
    assert refused.returncode == 3
    assert "PULUMI_CONFIG_PASSPHRASE" in refused.stderr
    outside = subprocess.run(
        [str(Path(sys.executable).with_name("airbrick")), "contract", "pull", "-C", os.sep],
        env=project.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert outside.returncode == 3
    assert "name the project's folder with -C" in outside.stderr


def test_a_job_that_failed_leaves_the_contract_as_it_was(project: Project, workspace: Emulator) -> None:
    project.program(JOB + CONTRACT)
    project.up()
    file = project.folder / "airbrick.contract.dev.json"
    before = file.read_bytes()
    other = JOB.replace("nightly", "weekly")
    project.program(JOB + other + CONTRACT.replace("[nightly]", "[nightly, weekly]"))
    workspace.fault("outage", path="*/jobs/create", times=None)
    failed = project.run("up", "--yes", "--skip-preview", "--continue-on-error", check=False)
    said = failed.stdout + failed.stderr
    assert failed.returncode != 0
    assert "POST /api/2.2/jobs/create" in said
    assert "jobs.weekly: failed in this `up`, so that the contract stays as it was; mend it first" in said
    assert "Traceback" not in said
    assert file.read_bytes() == before
    workspace.forget()
    project.up()
    assert "weekly" in json.loads(file.read_bytes())["jobs"]


def test_a_secret_cannot_get_into_the_contract(project: Project) -> None:
    project.program(
        "import pulumi\n"
        'secret = pulumi.Output.secret("hush-hush")\n'
        'nightly = iac.Job("nightly", parameters=[{"name": "password", "default": secret}])\n' + CONTRACT
    )
    failed = project.run("up", "--yes", "--skip-preview", check=False)
    assert failed.returncode != 0
    said = failed.stdout + failed.stderr
    assert "parameters[0].default is secret, and a contract holds no secrets" in said
    assert "hush-hush" not in said
    assert not (project.folder / "airbrick.contract.dev.json").exists()
