"""From the jobs of a workspace to a stack that owns them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from tests.iac.job_samples import SETTINGS, post

from airbrick.commands.generate import generate

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from tests.iac.project import Project

    from airbrick.emulator import Emulator

pytestmark = pytest.mark.usefixtures("signed_in")

TASK = {"task_key": "a", "notebook_task": {"notebook_path": "/Workspace/a"}}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(generate, arguments)


def make(client: WorkspaceClient, **settings: Any) -> str:
    return str(post(client, "create", **{**SETTINGS, **settings})["job_id"])


def imports(folder: Path) -> list[str]:
    return [found["name"] for found in json.loads((folder / "import.json").read_text())["resources"]]


def test_jobs_are_chosen_by_name_and_tag(client: WorkspaceClient, tmp_path: Path) -> None:
    make(client, name="nightly orders", tags={"team": "orders"})
    make(client, name="nightly users", tags={"team": "users", "tier": "1"})
    make(client, name="weekly", tags={})
    for arguments, wanted in (
        (("--name", "nightly*"), ["nightly_orders", "nightly_users"]),
        (("--tag", "team=users"), ["nightly_users"]),
        (("--tag", "team", "--name", "*orders"), ["nightly_orders"]),
        ((), ["nightly_orders", "nightly_users", "weekly"]),
    ):
        folder = tmp_path / "-".join(wanted)
        done = run(*arguments, "-o", str(folder))
        assert done.exit_code == 0, done.output
        assert imports(folder) == wanted
        assert f"{len(wanted)} job" in done.output


def test_nothing_is_overwritten(client: WorkspaceClient, tmp_path: Path) -> None:
    make(client)
    (tmp_path / "import.json").write_text("mine")
    done = run()
    assert done.exit_code == 1
    assert "import.json would be overwritten" in done.output
    assert (tmp_path / "import.json").read_text() == "mine"
    assert not (tmp_path / "__main__.py").exists()


def test_what_fits_nothing_says_so(client: WorkspaceClient) -> None:
    assert "we may see no job here" in run().output
    make(client)
    done = run("--name", "x*", "--tag", "team=y")
    assert done.exit_code == 1
    assert "none of the 1 jobs that we may see fits 'x*', tag team=y" in done.output


def test_an_id_is_a_number_of_a_job(client: WorkspaceClient) -> None:
    assert run("--id", "nightly").exit_code == 2
    for narrower in (("--name", "*"), ("--tag", "team")):
        done = run("--id", "9007199254740993", *narrower)
        assert (done.exit_code, "give it without --name and --tag" in done.output) == (2, True)
    done = run("--id", "9007199254740993")
    assert done.exit_code == 1
    assert "9007199254740993" in done.output


def test_a_wrong_token_is_named_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_TOKEN", "dapi-wrong-token")
    done = run()
    assert done.exit_code == 1
    assert "401" in done.output
    assert "dapi-wrong-token" not in done.output


def test_a_job_of_a_stack_is_left_out_unless_it_is_named(client: WorkspaceClient, tmp_path: Path) -> None:
    owned = make(client, name="owned", tags={"airbrick_owner": "other"})
    make(client, name="free")
    done = run("-o", "first")
    assert imports(tmp_path / "first") == ["free"]
    assert "left out, it belongs to a stack already: owned" in done.output
    assert run("--id", owned, "-o", "second").exit_code == 0
    assert imports(tmp_path / "second") == ["owned"]


@pytest.mark.end_to_end
def test_after_the_import_a_preview_is_empty(project: Project, client: WorkspaceClient, workspace: Emulator) -> None:
    last = make(client, name="last", parameters=[])
    # Made first, runs a job that was made later; and one that runs itself in a loop.
    first = make(client, name="first", tasks=[TASK])
    post(
        client,
        "update",
        job_id=int(first),
        new_settings={"tasks": [TASK, {"task_key": "b", "run_job_task": {"job_id": int(last)}}]},
    )
    make(
        client,
        name="It's größe",
        queue=None,
        tags={},
        git_source={"git_url": "https://github.com/x/y", "git_provider": "gitHub", "git_branch": "main"},
        schedule={"quartz_cron_expression": "0 0 0 * * ?", "timezone_id": "UTC"},
        email_notifications={"on_failure": ["a@b.c"]},
        job_clusters=[
            {
                "job_cluster_key": "main",
                "new_cluster": {"spark_version": "16.4.x-scala2.12", "num_workers": 2, "node_type_id": "i3.xlarge"},
            }
        ],
        tasks=[
            {
                "task_key": "each",
                "for_each_task": {
                    "inputs": "[1, 2]",
                    "task": {"task_key": "one", "run_job_task": {"job_id": int(last)}},
                },
            },
            {
                "task_key": "sql",
                "depends_on": [{"task_key": "each"}],
                "job_cluster_key": "main",
                "spark_python_task": {"python_file": "main.py"},
            },
        ],
    )
    done = run("-o", str(project.folder))
    assert done.exit_code == 0, done.output
    source = (project.folder / "__main__.py").read_text()
    assert "last.job_id" in source
    assert last not in source

    project.run("import", "--file", "import.json", "--protect=false", "--generate-code=false", "--yes")
    workspace.forget()
    preview = project.run("preview", "--diff", check=False)

    assert preview.returncode == 0, preview.stdout
    changed = [
        line for line in preview.stdout.splitlines() if "airbrick:databricks:Job" in line and line.strip()[0] in "+-~"
    ]
    assert changed == [], preview.stdout
    assert project.up() == {"create": 1, "same": 4}
    assert workspace.requests("POST", "/api/2.2/jobs/*") == []
