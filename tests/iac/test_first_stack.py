"""The guide from an empty folder to a first stack, done as it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.iac.project import Project

    from airbrick.emulator import Emulator

GUIDE = (Path(__file__).parents[2] / "docs" / "first_stack.md").read_text(encoding="utf-8")


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)


@pytest.mark.end_to_end
def test_the_guide_leads_to_a_job_in_development_and_in_production(project: Project, workspace: Emulator) -> None:
    project.run("stack", "rm", "dev", "--yes")
    project.stack_file.unlink(missing_ok=True)
    (program,) = fenced("python")
    (project.folder / "__main__.py").write_text(program, encoding="utf-8")
    project.environ["DATABRICKS_TOKEN"] = workspace.token
    commands = [line for block in fenced("console") for line in block.splitlines() if line.startswith("pulumi")]
    assert commands.count("pulumi up") == 2
    for command in commands:
        words = [workspace.host if word.startswith("https://") else word for word in shlex.split(command)[1:]]
        # A person answers yes.
        project.run(*words, *(["--yes"] if words == ["up"] else []))
    for stack, name in (("prod", r"nightly_orders"), ("dev", r"\[dev \w+\] nightly_orders")):
        project.run("stack", "select", stack)
        assert re.fullmatch(name, project.resource("nightly_orders")["outputs"]["job_name"])
        assert (project.folder / "dags" / f"airbrick.contract.{stack}.json").exists()
        project.run("preview", "--expect-no-changes")
