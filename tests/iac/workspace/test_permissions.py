"""Permissions, over the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2
from tests.iac.job_samples import JOB, SETTINGS
from tests.iac.wire import refusal

from airbrick.iac.values import UNKNOWN

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from tests.iac.wire import Wire

    from airbrick.emulator import Emulator

PERMISSIONS = "airbrick:databricks:Permissions"
VIEW = {"group_name": "analysts", "permission_level": "CAN_VIEW"}
RUN = {"service_principal_name": "airflow", "permission_level": "CAN_MANAGE_RUN"}
OWN = {"user_name": "owner@example.com", "permission_level": "IS_OWNER"}


def of_job(job_id: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"object_type": "jobs", "object_id": job_id, "access_control_list": list(entries)}


@pytest.fixture
def job_id(provider: Wire) -> str:
    return provider.create(JOB, "nightly", SETTINGS)[0]


def levels(client: WorkspaceClient, job_id: str) -> dict[str, str]:
    """Levels by principal that are set on the job itself."""
    answer: Any = client.api_client.do("GET", f"/api/2.0/permissions/jobs/{job_id}")
    found: dict[str, str] = {}
    for entry in answer["access_control_list"]:
        name = next(entry[key] for key in ("user_name", "group_name", "service_principal_name") if key in entry)
        for item in entry["all_permissions"]:
            if not item["inherited"]:
                found[name] = item["permission_level"]
    return found


@pytest.mark.parametrize(
    ("entries", "path", "reason"),
    [
        ([VIEW, VIEW], "access_control_list[1].group_name", "'analysts' stands twice"),
        (
            [RUN, {**RUN, "service_principal_name": "AirFlow"}],
            "access_control_list[1].service_principal_name",
            "'AirFlow'",
        ),
        ([{**VIEW, "user_name": "a"}], "access_control_list[0]", "found user_name and group_name"),
        ([{"permission_level": "CAN_VIEW"}], "access_control_list[0]", "found none"),
        ([{"user_name": "a"}], "access_control_list[0].permission_level", "is missing"),
        ([OWN, {**OWN, "user_name": "b"}], "access_control_list[1].permission_level", "is a second IS_OWNER"),
        ([{**VIEW, "permission_level": "IS_OWNER"}], "access_control_list[0].group_name", "a group cannot own"),
        ("x", "access_control_list", "expected a list, found text"),
        (["x"], "access_control_list[0]", "expected a mapping, found text"),
    ],
)
def test_a_mistake_is_named_with_its_place(wire: Wire, entries: Any, path: str, reason: str) -> None:
    _, failures = wire.check(PERMISSIONS, "p", {**of_job("1"), "access_control_list": entries})
    assert list(failures) == [path]
    assert reason in failures[path]


def test_an_owner_is_for_what_can_be_owned(wire: Wire) -> None:
    given = {**of_job("1", OWN), "object_type": "cluster-policies"}
    assert "do not have" in wire.check(PERMISSIONS, "p", given)[1]["access_control_list[0].permission_level"]


def test_what_is_not_known_yet_is_accepted(wire: Wire) -> None:
    given = of_job(UNKNOWN, {**VIEW, "group_name": UNKNOWN}, {**RUN, "service_principal_name": UNKNOWN})  # type: ignore[arg-type]
    assert wire.check(PERMISSIONS, "p", given) == (given, {})
    assert wire.create(PERMISSIONS, "p", given, preview=True)[1]["object_type"] == "jobs"


def test_the_owner_stays_unless_another_is_named(
    provider: Wire, client: WorkspaceClient, workspace: Emulator, job_id: str
) -> None:
    before = levels(client, job_id)
    inputs = of_job(job_id, VIEW, RUN)
    resource_id, outputs = provider.create(PERMISSIONS, "p", inputs)
    assert resource_id == f"/jobs/{job_id}"
    assert levels(client, job_id) == {**before, "analysts": "CAN_VIEW", "airflow": "CAN_MANAGE_RUN"}
    # What is inherited, and the owner nobody named, are no drift.
    assert provider.read(PERMISSIONS, "p", resource_id, inputs, **outputs) == (resource_id, inputs, outputs)
    owned = of_job(job_id, VIEW, OWN)
    provider.update(PERMISSIONS, "p", resource_id, inputs, owned, **outputs)
    assert levels(client, job_id) == {"analysts": "CAN_VIEW", "owner@example.com": "IS_OWNER"}
    assert provider.read(PERMISSIONS, "p", resource_id, owned, **outputs)[1] == owned


def test_capitals_in_the_name_of_a_user_are_no_drift(provider: Wire, client: WorkspaceClient, job_id: str) -> None:
    low = {"user_name": "alice@example.com", "permission_level": "CAN_MANAGE"}
    resource_id, outputs = provider.create(PERMISSIONS, "p", of_job(job_id, low, VIEW))
    # The workspace keeps user names in lower case, whatever was sent.
    inputs = of_job(job_id, {**low, "user_name": "Alice@Example.com"}, VIEW)
    assert provider.read(PERMISSIONS, "p", resource_id, inputs, **outputs)[1] == inputs
    assert not provider.diff(PERMISSIONS, "p", of_job(job_id, low, VIEW), inputs).diffs
    path = f"/api/2.0/permissions/jobs/{job_id}"
    client.api_client.do("PATCH", path, body={"access_control_list": [{**low, "permission_level": "CAN_VIEW"}]})
    (edited, *_) = provider.read(PERMISSIONS, "p", resource_id, inputs, **outputs)[1]["access_control_list"]
    assert edited == {"user_name": "Alice@Example.com", "permission_level": "CAN_VIEW"}


def test_an_owner_in_capitals_stays_the_owner(provider: Wire, client: WorkspaceClient, job_id: str) -> None:
    owner = next(name for name, level in levels(client, job_id).items() if level == "IS_OWNER")
    inputs = of_job(job_id, {"user_name": owner.upper(), "permission_level": "CAN_MANAGE"}, VIEW)
    resource_id, outputs = provider.create(PERMISSIONS, "p", inputs)
    assert levels(client, job_id) == {owner: "IS_OWNER", "analysts": "CAN_VIEW"}
    assert provider.read(PERMISSIONS, "p", resource_id, inputs, **outputs)[1] == inputs


def test_an_edit_in_the_workspace_is_drift_and_order_is_not(
    provider: Wire, client: WorkspaceClient, job_id: str
) -> None:
    inputs = of_job(job_id, RUN, VIEW)
    resource_id, outputs = provider.create(PERMISSIONS, "p", inputs)
    turned = of_job(job_id, VIEW, RUN)
    assert provider.diff(PERMISSIONS, "p", inputs, turned).changes == provider_pb2.DiffResponse.DIFF_NONE
    added = {"access_control_list": [{"user_name": "new@example.com", "permission_level": "CAN_MANAGE"}]}
    client.api_client.do("PATCH", f"/api/2.0/permissions/jobs/{job_id}", body=added)
    seen = provider.read(PERMISSIONS, "p", resource_id, inputs, **outputs)[1]
    assert seen["access_control_list"] == [RUN, VIEW, *added["access_control_list"]]
    assert provider.diff(PERMISSIONS, "p", seen, inputs).changes == provider_pb2.DiffResponse.DIFF_SOME
    provider.update(PERMISSIONS, "p", resource_id, seen, inputs, **outputs)
    assert "new@example.com" not in levels(client, job_id)


BOB = {"user_name": "bob@example.com", "permission_level": "CAN_VIEW"}
ANN = {"user_name": "ann@example.com", "permission_level": "CAN_VIEW"}


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ([BOB, ANN], [{**BOB, "permission_level": "CAN_MANAGE"}, ANN], {"[0].permission_level": "UPDATE"}),
        ([ANN, BOB], [{**BOB, "permission_level": "CAN_MANAGE"}, ANN], {"[0].permission_level": "UPDATE"}),
        ([BOB], [BOB, ANN], {"[1]": "ADD"}),
        # Only the old list has the place.
        ([RUN, BOB, ANN], [ANN, RUN], {"[1]": "DELETE"}),
        ([BOB, RUN], [ANN, RUN], {"[0]": "UPDATE"}),
        ([BOB, ANN], [{**BOB, "permission_level": UNKNOWN}, ANN], {"": "UPDATE"}),
    ],
)
def test_a_change_is_shown_at_its_entry(wire: Wire, old: Any, new: Any, changes: dict[str, str]) -> None:
    found = wire.diff(PERMISSIONS, "p", of_job("1", *old), of_job("1", *new)).detailedDiff
    named = {path: provider_pb2.PropertyDiff.Kind.Name(entry.kind) for path, entry in found.items()}
    assert named == {f"access_control_list{place}": kind for place, kind in changes.items()}


def test_the_owner_may_stand_in_the_list_with_less(provider: Wire, client: WorkspaceClient, job_id: str) -> None:
    owner = next(name for name, level in levels(client, job_id).items() if level == "IS_OWNER")
    less = {"user_name": owner, "permission_level": "CAN_MANAGE"}
    inputs = of_job(job_id, VIEW, less)
    resource_id, outputs = provider.create(PERMISSIONS, "p", inputs)
    assert levels(client, job_id) == {owner: "IS_OWNER", "analysts": "CAN_VIEW"}
    seen = provider.read(PERMISSIONS, "p", resource_id, inputs, **outputs)[1]
    assert seen == inputs
    assert provider.diff(PERMISSIONS, "p", seen, inputs).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_an_import_takes_the_owner_too(provider: Wire, client: WorkspaceClient, job_id: str) -> None:
    resource_id, inputs, _ = provider.read(PERMISSIONS, "p", f"jobs/{job_id}")
    assert resource_id == f"/jobs/{job_id}"
    assert [entry["permission_level"] for entry in inputs["access_control_list"]] == ["IS_OWNER"]
    assert provider.read(PERMISSIONS, "p", resource_id, inputs)[1] == inputs


def test_the_end_leaves_the_permissions(provider: Wire, client: WorkspaceClient, job_id: str) -> None:
    resource_id, outputs = provider.create(PERMISSIONS, "p", of_job(job_id, VIEW))
    before = levels(client, job_id)
    provider.delete(PERMISSIONS, "p", resource_id, **outputs)
    assert levels(client, job_id) == before
    assert any("leaves the permissions" in message for _, message in provider.engine.seen)


def test_permissions_of_what_is_gone_are_gone(provider: Wire, job_id: str) -> None:
    inputs = of_job(job_id, VIEW)
    resource_id, outputs = provider.create(PERMISSIONS, "p", inputs)
    provider.delete(JOB, "nightly", job_id)
    assert provider.read(PERMISSIONS, "p", resource_id, inputs, **outputs)[0] == ""
    with pytest.raises(grpc.RpcError) as caught:
        provider.update(PERMISSIONS, "p", resource_id, inputs, inputs, **outputs)
    assert refusal(caught.value)[0] is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("preset", ["lost_ack", "half_body", "outage"])
def test_a_write_that_fails_for_a_moment_is_made_again(
    provider: Wire, client: WorkspaceClient, workspace: Emulator, job_id: str, preset: str
) -> None:
    workspace.fault(preset, path="/api/2.0/permissions", method="PUT", times=2)
    provider.create(PERMISSIONS, "p", of_job(job_id, VIEW))
    assert levels(client, job_id)["analysts"] == "CAN_VIEW"
