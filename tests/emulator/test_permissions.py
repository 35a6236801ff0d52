"""Permissions of jobs, clusters, cluster policies and instance pools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from databricks.sdk.errors import InvalidParameterValue
from databricks.sdk.service import iam, jobs
from tests.emulator.helpers import JOBS, Api

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient


def permissions(api: Api, job_id: int) -> dict[str, list[tuple[str, bool]]]:
    answer = api.get(f"/api/2.0/permissions/jobs/{job_id}")
    assert (answer["object_id"], answer["object_type"]) == (f"/jobs/{job_id}", "job")
    return {
        next(entry[kind] for kind in ("user_name", "group_name", "service_principal_name") if kind in entry): [
            (item["permission_level"], item["inherited"]) for item in entry["all_permissions"]
        ]
        for entry in answer["access_control_list"]
    }


def test_the_creator_owns_a_job_and_admins_inherit(api: Api) -> None:
    assert permissions(api, api.create()) == {
        "engineer@example.com": [("IS_OWNER", False)],
        "admins": [("CAN_MANAGE", True)],
    }


def test_a_put_replaces_all_entries_and_the_last_level_counts(client: WorkspaceClient, api: Api) -> None:
    job_id = api.create()
    client.jobs.set_permissions(
        str(job_id),
        access_control_list=[
            jobs.JobAccessControlRequest(group_name="team", permission_level=jobs.JobPermissionLevel.CAN_VIEW),
            jobs.JobAccessControlRequest(group_name="team", permission_level=jobs.JobPermissionLevel.CAN_MANAGE),
            jobs.JobAccessControlRequest(
                service_principal_name="sp", permission_level=jobs.JobPermissionLevel.IS_OWNER
            ),
        ],
    )
    assert permissions(api, job_id) == {
        "team": [("CAN_MANAGE", False)],
        "sp": [("IS_OWNER", False)],
        "admins": [("CAN_MANAGE", True)],
    }


def test_a_patch_adds_and_a_new_owner_replaces_the_old_one(client: WorkspaceClient, api: Api) -> None:
    job_id = api.create()
    entry = iam.AccessControlRequest(group_name="admins", permission_level=iam.PermissionLevel.CAN_VIEW)
    client.permissions.update("jobs", str(job_id), access_control_list=[entry])
    owner = iam.AccessControlRequest(user_name="b@example.com", permission_level=iam.PermissionLevel.IS_OWNER)
    client.permissions.update("jobs", str(job_id), access_control_list=[owner])
    assert permissions(api, job_id) == {
        "admins": [("CAN_VIEW", False), ("CAN_MANAGE", True)],
        "b@example.com": [("IS_OWNER", False)],
    }


def owner(name: str) -> dict[str, str]:
    return {"user_name": name, "permission_level": "IS_OWNER"}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([], "exactly one owner"),
        ([{"group_name": "team", "permission_level": "CAN_VIEW"}], "exactly one owner"),
        ([owner("a"), owner("b")], "exactly one owner"),
        ([{"group_name": "team", "permission_level": "IS_OWNER"}], "group cannot own"),
        ([owner("a"), {"permission_level": "CAN_VIEW"}], "access_control_list[1] must name exactly one"),
        ([{"user_name": "a", "group_name": "b", "permission_level": "CAN_VIEW"}], "access_control_list[0]"),
        ([{"user_name": 5, "permission_level": "IS_OWNER"}], "access_control_list[0]"),
        ([{"user_name": "a", "permission_level": "BOSS"}], "permission_level must be one of"),
        (["a"], "access_control_list[0] must be an object"),
        ("a", "access_control_list must be a list"),
    ],
)
def test_wrong_permissions_are_refused_and_change_nothing(api: Api, entries: object, message: str) -> None:
    job_id = api.create()
    before = permissions(api, job_id)
    path = f"/api/2.0/permissions/jobs/{job_id}"
    status, code, text = api.error("PUT", path, {"access_control_list": entries})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message in text
    assert permissions(api, job_id) == before


def test_permissions_of_what_does_not_exist_are_refused(api: Api) -> None:
    assert api.error("GET", "/api/2.0/permissions/jobs/5")[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    assert api.error("GET", "/api/2.0/permissions/jobs/x")[:2] == (400, "INVALID_PARAMETER_VALUE")
    for kind in ("clusters", "cluster-policies", "instance-pools"):
        assert api.error("GET", f"/api/2.0/permissions/{kind}/x")[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    status, _, message = api.error("GET", "/api/2.0/permissions/repos/5")
    assert status == 501
    assert "repos" in message


def test_permissions_go_with_the_job(api: Api) -> None:
    job_id = api.create()
    api.post(f"{JOBS}/delete", {"job_id": job_id})
    assert api.error("GET", f"/api/2.0/permissions/jobs/{job_id}")[0] == 404


def test_the_levels_of_a_job_are_listed(client: WorkspaceClient, api: Api) -> None:
    found = client.jobs.get_permission_levels(str(api.create())).permission_levels or []
    assert [item.permission_level for item in found] == [
        jobs.JobPermissionLevel.CAN_VIEW,
        jobs.JobPermissionLevel.CAN_MANAGE_RUN,
        jobs.JobPermissionLevel.CAN_MANAGE,
        jobs.JobPermissionLevel.IS_OWNER,
    ]
    assert all(item.description for item in found)


TYPES = {"clusters": "cluster", "cluster-policies": "cluster-policy", "instance-pools": "instance-pool"}


def made(client: WorkspaceClient, kind: str) -> str:
    found: Any
    match kind:
        case "clusters":
            found = client.clusters.create("15.4.x", node_type_id="n", num_workers=0)
            return str(found.cluster_id)
        case "instance-pools":
            return client.instance_pools.create("pool", "n").instance_pool_id or ""
        case _:
            return client.cluster_policies.create(name="policy", definition="{}").policy_id or ""


@pytest.mark.parametrize(
    ("kind", "levels", "own", "inherited"),
    [
        ("clusters", ["CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE"], "CAN_MANAGE", "CAN_MANAGE"),
        ("cluster-policies", ["CAN_USE"], None, "CAN_USE"),
        ("instance-pools", ["CAN_ATTACH_TO", "CAN_MANAGE"], "CAN_MANAGE", "CAN_MANAGE"),
    ],
)
def test_compute_has_permissions_without_an_owner(
    client: WorkspaceClient, kind: str, levels: list[str], own: str | None, inherited: str
) -> None:
    key = made(client, kind)
    offered = client.permissions.get_permission_levels(kind, key).permission_levels or []
    assert [item.permission_level and item.permission_level.value for item in offered] == levels
    entry = iam.AccessControlRequest(group_name="team", permission_level=iam.PermissionLevel(levels[0]))
    added = client.permissions.update(kind, key, access_control_list=[entry])
    assert (added.object_id, added.object_type) == (f"/{kind}/{key}", TYPES[kind])
    mine = [("engineer@example.com", own, False)] if own else []
    assert flat(added) == [*mine, ("team", levels[0], False), ("admins", inherited, True)]
    assert flat(client.permissions.set(kind, key, access_control_list=[])) == [("admins", inherited, True)]
    owner_entry = iam.AccessControlRequest(user_name="a", permission_level=iam.PermissionLevel.IS_OWNER)
    with pytest.raises(InvalidParameterValue, match="permission_level must be one of"):
        client.permissions.set(kind, key, access_control_list=[owner_entry])


def flat(found: iam.ObjectPermissions) -> list[tuple[str | None, str | None, bool | None]]:
    return [
        (
            entry.user_name or entry.group_name or entry.service_principal_name,
            item.permission_level and item.permission_level.value,
            item.inherited,
        )
        for entry in found.access_control_list or []
        for item in entry.all_permissions or []
    ]
