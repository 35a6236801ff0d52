"""The smaller objects of a workspace under the real engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from tests.iac.project import Project

    from airbrick.emulator import Emulator

pytestmark = [pytest.mark.end_to_end]

PROGRAM = """
import pulumi
policy = iac.ClusterPolicy("small", definition={"autotermination_minutes": {"type": "fixed", "value": 30}})
pool = iac.InstancePool("spot", node_type_id="m5.large", max_capacity=CAPACITY, custom_tags={"team": "data"})
scope = iac.SecretScope("orders")
password = iac.Secret("password", scope=scope.name, string_value="hush-hush-1")
iac.SecretAcl("analysts", scope=scope.name, principal="analysts", permission="READ")
job = iac.Job("nightly", tasks=[{"task_key": "a", "job_cluster_key": "c", "notebook_task": {"notebook_path": "/a"}}],
    job_clusters=[{"job_cluster_key": "c", "new_cluster": {"spark_version": "15.4.x-scala2.12",
        "policy_id": policy.policy_id, "instance_pool_id": pool.instance_pool_id, "num_workers": 1,
        "spark_env_vars": {"PASSWORD": password.reference}}}])
iac.Permissions("access", object_type="jobs", object_id=job.job_id, access_control_list=[
    {"group_name": "analysts", "permission_level": "CAN_VIEW"},
    {"service_principal_name": "airflow", "permission_level": "CAN_MANAGE_RUN"}])
pulumi.export("me", iac.get_current_user()["user_name"])
pulumi.export("found", iac.get_job("existing")["job_id"])
"""


def call(workspace: Emulator, method: str, path: str, body: dict[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {workspace.token}"}
    return requests.request(method, f"{workspace.host}{path}", headers=headers, json=body, timeout=10).json()


def test_the_life_of_a_workspaces_objects(project: Project, workspace: Emulator) -> None:
    existing = call(workspace, "POST", "/api/2.2/jobs/create", {"name": "existing"})["job_id"]
    project.logs.clear()
    project.program(PROGRAM.replace("CAPACITY", "4"))
    assert project.up() == {"create": 8}
    assert project.output("found") == str(existing)
    assert "@" in project.output("me")
    assert project.resource("password")["outputs"]["reference"] == "{{secrets/orders/password}}"

    # What the workspace fills in, inherits and masks is no drift.
    assert project.up() == {"same": 8}
    project.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")

    # An entry that somebody adds is taken away; a change of the program is made in place.
    job_id = project.resource("nightly")["outputs"]["job_id"]
    added = {"access_control_list": [{"user_name": "x@example.com", "permission_level": "CAN_MANAGE"}]}
    call(workspace, "PATCH", f"/api/2.0/permissions/jobs/{job_id}", added)
    project.program(PROGRAM.replace("CAPACITY", "5"))
    assert project.up() == {"same": 6, "update": 2}
    assert "x@example.com" not in str(call(workspace, "GET", f"/api/2.0/permissions/jobs/{job_id}", {}))

    project.run("destroy", "--yes", "--skip-preview")
    assert call(workspace, "GET", "/api/2.0/secrets/scopes/list", {}) == {}
    assert call(workspace, "GET", "/api/2.0/policies/clusters/list", {})["policies"] == []
    assert "hush-hush-1" not in json.dumps(project.state()) + "".join(project.logs)
