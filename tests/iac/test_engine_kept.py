"""What is renamed or replaced by itself stands at the end, under the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from tests.iac.airflow.double import running_airflow_double

if TYPE_CHECKING:
    from tests.iac.project import Project

    from airbrick.emulator import Emulator

pytestmark = [pytest.mark.end_to_end]

PROGRAM = """
scope = iac.SecretScope("orders")
iac.WorkspaceFile("file_X", path="/Workspace/orders/limits.json", content="{}")
iac.WorkspaceDirectory("folder_X", path="/Workspace/orders/src", source="src")
iac.SecretScope("scope_X", name="empty")
iac.Secret("secret_X", scope=scope.name, key="password", string_value="hush-hush")
iac.SecretAcl("acl_X", scope=scope.name, principal="analysts", permission="READ")
iac.ClusterPolicy("policy_X", name="small", definition={}, adopt=ADOPT)
iac.InstancePool("pool_X", instance_pool_name="spot", node_type_id="m5.large", adopt=ADOPT)
iac.Job("job_X", name="nightly", tasks=[{"task_key": "a", "notebook_task": {"notebook_path": "/a"}}])
iac.airflow.Variable("variable_X", key="region", value="eu", adopt=ADOPT)
iac.airflow.Pool("slots_X", name="databricks", slots=SLOTS, adopt=ADOPT)
"""


def standing(workspace: Emulator) -> dict[str, Any]:
    def get(path: str) -> Any:
        headers = {"Authorization": f"Bearer {workspace.token}"}
        return requests.get(f"{workspace.host}/api/{path}", headers=headers, timeout=10).json()

    return {
        "file": get("2.0/workspace/get-status?path=/orders/limits.json").get("object_type"),
        "folder": get("2.0/workspace/get-status?path=/orders/src/a.txt").get("object_type"),
        "scopes": [scope["name"] for scope in get("2.0/secrets/scopes/list").get("scopes", [])],
        "secrets": [secret["key"] for secret in get("2.0/secrets/list?scope=orders").get("secrets", [])],
        "acl": get("2.0/secrets/acls/get?scope=orders&principal=analysts").get("permission"),
        "policies": [policy["name"] for policy in get("2.0/policies/clusters/list").get("policies", [])],
        "pools": [pool["instance_pool_name"] for pool in get("2.0/instance-pools/list").get("instance_pools", [])],
        "jobs": [job["settings"]["name"] for job in get("2.2/jobs/list").get("jobs", [])],
    }


def test_what_is_renamed_or_replaced_by_itself_stands(project: Project, workspace: Emulator) -> None:
    def program(name: str, adopt: bool, slots: int) -> None:
        text = PROGRAM.replace("_X", f"_{name}").replace("ADOPT", str(adopt)).replace("SLOTS", str(slots))
        project.program(text)

    (project.folder / "src").mkdir()
    (project.folder / "src" / "a.txt").write_text("a", encoding="utf-8")
    with running_airflow_double() as airflow:
        project.config(
            host=workspace.host,
            token=workspace.token,
            airflow_endpoint=airflow.endpoint,
            airflow_username="admin",
            airflow_password=airflow.password,
            # No read goes before a replacement, so nothing tells its create what the state holds.
            detect_drift="refresh",
        )
        program("old", adopt=False, slots=8)
        assert project.up() == {"create": 12}
        made = standing(workspace)
        assert all(made.values())

        program("new", adopt=True, slots=4)
        project.up()
        assert standing(workspace) == made
        assert (sorted(airflow.variables), airflow.pools["databricks"]["slots"]) == (["region"], 4)

        resources = project.state()["deployment"]["resources"]
        urns = [item["urn"] for item in resources if item["urn"].endswith("_new")]
        project.up(*(f"--replace={urn}" for urn in urns))
        assert standing(workspace) == made
        assert (sorted(airflow.variables), sorted(airflow.pools)) == (["region"], ["databricks"])
        assert len([item for item in project.state()["deployment"]["resources"] if not item.get("delete")]) == len(
            resources
        )

        project.run("destroy", "--yes", "--skip-preview")
        assert not any(value for name, value in standing(workspace).items() if name != "acl")
        assert (airflow.variables, airflow.pools) == ({}, {})
