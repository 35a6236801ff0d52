"""A changed address is noticed for every resource, under the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from databricks.sdk import WorkspaceClient
from tests.iac.airflow.double import AirflowDouble, running_airflow_double

from airbrick.emulator import Emulator
from airbrick.iac.provider.home import HOME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.iac.project import Project

pytestmark = [pytest.mark.end_to_end]

PROGRAM = """
scope = iac.SecretScope("orders")
iac.Secret("password", scope=scope.name, string_value="hush-hush")
iac.SecretAcl("acl", scope=scope.name, principal="analysts", permission="READ")
iac.ClusterPolicy("policy", definition={})
iac.InstancePool("spot", node_type_id="m5.large")
iac.WorkspaceFile("file", path="/Workspace/orders/limits.json", content="{}")
iac.WorkspaceDirectory("folder", path="/Workspace/orders/src", source="src")
job = iac.Job("nightly", tasks=[{"task_key": "a", "notebook_task": {"notebook_path": "/a"}}])
iac.Permissions("access", object_type="jobs", object_id=job.job_id, access_control_list=[
    {"group_name": "analysts", "permission_level": "CAN_VIEW"}])
iac.airflow.Connection("warehouse", conn_type="postgres", host="db.example")
iac.airflow.Connection("away", conn_type="postgres", host="db.example", in_airflow=False)
iac.airflow.Pool("slots", slots=8)
iac.Contract(jobs=[job], variable="contract", workspace_folder="/Workspace/orders")
"""
EXPLICIT = """
import pulumi
config = pulumi.Config("airbrick")
eu = iac.Provider("eu", host=config.require("host"), token=config.require_secret("token"))
iac.SecretScope("orders", opts=pulumi.ResourceOptions(provider=eu))
"""
SAME = {"same": 16}
UP = ("up", "--yes", "--skip-preview")


@pytest.fixture
def airflow() -> Iterator[AirflowDouble]:
    with running_airflow_double() as double:
        yield double


@pytest.fixture
def other() -> Iterator[Emulator]:
    """Another workspace, which does not tell its id: emulators all have the same."""
    with Emulator() as emulator:
        emulator.fault(path="/.well-known/databricks-config", status=404, times=999)
        yield emulator


def places(project: Project) -> dict[str, Any]:
    """Where the state says that each resource is, by what the engine calls it in its messages."""
    found = project.state()["deployment"]["resources"]
    ours = [item for item in found if item["type"].startswith("airbrick:")]
    return {f"{item['type']} ({item['urn'].split('::')[-1]})": item["outputs"].get(HOME) for item in ours}


def at(project: Project, workspace: Emulator, airflow: AirflowDouble) -> None:
    """Say where everything is in the environment, which counts for whatever the engine does."""
    project.environ |= {
        "DATABRICKS_HOST": workspace.host,
        "DATABRICKS_TOKEN": workspace.token,
        "AIRBRICK_AIRFLOW_ENDPOINT": airflow.endpoint,
        "AIRBRICK_AIRFLOW_USERNAME": "admin",
        "AIRBRICK_AIRFLOW_PASSWORD": airflow.password,
    }


def test_a_changed_address_is_noticed_for_every_resource(
    project: Project, workspace: Emulator, airflow: AirflowDouble, other: Emulator
) -> None:
    project.config()
    (project.folder / "src").mkdir()
    (project.folder / "src" / "a.txt").write_text("a", encoding="utf-8")
    project.program(PROGRAM)
    at(project, workspace, airflow)
    project.up()
    made = places(project)
    assert [name for name, place in made.items() if place is None] == ["airbrick:airflow:Connection (away)"]

    # The place is no change and is not shown.
    project.logs.clear()
    project.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    project.run("preview", "--diff", "--expect-no-changes")
    assert HOME not in "".join(project.logs)
    assert project.up() == SAME

    with running_airflow_double() as elsewhere:
        at(project, other, elsewhere)
        for command in (UP, ("refresh", "--yes", "--skip-preview")):
            failed = project.run(*command, check=False)
            assert failed.returncode != 0
            # An `up` has no need to read a contract.
            named = {name for name, place in made.items() if place and (command != UP or ":Contract" not in name)}
            said = (failed.stdout + failed.stderr).partition("Diagnostics:")[2]
            assert {name for name in made if f"{name}:" in said} == named
            assert said.count("was made in") == len(named)
        assert [request.path for request in other.requests(path="/api/*")] == []
        assert elsewhere.writes() == []
    assert places(project) == made
    at(project, workspace, airflow)
    assert project.up() == SAME
    assert places(project) == made


def test_an_airflow_may_move(project: Project, workspace: Emulator, airflow: AirflowDouble) -> None:
    project.config()
    project.program('iac.airflow.Pool("slots", slots=8)\niac.airflow.Variable("region", value="eu")\n')
    at(project, workspace, airflow)
    project.up()
    with running_airflow_double() as moved:
        moved.pools, moved.variables = dict(airflow.pools), dict(airflow.variables)
        at(project, workspace, moved)
        assert project.up() == {"same": 3}
        assert list(places(project).values()) == [{"airflow_endpoint": moved.endpoint}] * 2
        assert moved.writes() == []


@pytest.mark.parametrize(
    ("program", "setting"),
    [('iac.SecretScope("orders")\n', "airbrick:host"), (EXPLICIT, "host of iac.Provider('eu')")],
)
def test_an_address_that_is_set_back_is_taken_from_the_program(
    project: Project, workspace: Emulator, other: Emulator, program: str, setting: str
) -> None:
    project.program(program)
    project.up()
    project.config(host=other.host, token=other.token)
    # The first reads with the old configuration, the second with the one that the first has left in the state.
    for _ in range(2):
        failed = project.run(*UP, check=False)
        said = failed.stdout + failed.stderr
        assert f"{setting}: names {other.host}, but SecretScope 'orders' was made in" in said
        assert "set it (or DATABRICKS_HOST) back and run `pulumi up --refresh --run-program` once" in said
    project.config(host=workspace.host, token=workspace.token)
    # A provider of the program is a resource of its own.
    mended, same = ({"same": 2, "update": 1}, 3) if program is EXPLICIT else ({"same": 2}, 2)
    assert project.up("--refresh", "--run-program") == mended
    assert project.up() == {"same": same}
    assert [request.path for request in other.requests(path="/api/*")] == []


def test_a_resource_moves_to_a_provider_of_another_workspace_by_another_logical_name(
    project: Project, workspace: Emulator, other: Emulator
) -> None:
    there = f"""
import pulumi
eu = iac.Provider("eu", host="{other.host}", token=pulumi.Output.secret("{other.token}"))
iac.SecretScope("NAME", name="orders", opts=pulumi.ResourceOptions(provider=eu))
"""
    here = 'iac.SecretScope("orders", name="orders")\n'

    def scopes() -> list[list[str]]:
        return [
            [scope.name or "" for scope in WorkspaceClient(host=one.host, token=one.token).secrets.list_scopes()]
            for one in (workspace, other)
        ]

    project.program(here)
    project.up()
    project.program(there.replace("NAME", "orders"))
    moved = project.run(*UP, check=False)
    said = moved.stdout + moved.stderr
    assert f"host of iac.Provider('eu'): names {other.host}, but SecretScope 'orders' was made in" in said
    assert scopes() == [["orders"], []]
    # Each way out that the message names.
    project.program(here)
    assert project.up() == {"same": 2, "delete": 1}
    project.program(there.replace("NAME", "orders-eu"))
    project.up()
    assert scopes() == [[], ["orders"]]
    # The same for the way back.
    project.program(here.replace('"orders",', '"orders-eu",'))
    back = project.run(*UP, check=False)
    assert f"airbrick:host: names {workspace.host}" in back.stdout + back.stderr
    assert scopes() == [[], ["orders"]]
    project.program(here)
    project.up()
    assert scopes() == [["orders"], []]
