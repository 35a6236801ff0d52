"""Cluster policies and instance pools, over the protocol."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2
from tests.iac.wire import refusal

from airbrick.contract import OWNER_TAG
from airbrick.iac.values import UNKNOWN

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from tests.iac.wire import Wire

    from airbrick.emulator import Emulator

POLICY = "airbrick:databricks:ClusterPolicy"
POOL = "airbrick:databricks:InstancePool"
NONE, SOME = provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME

DEFINITION = json.dumps({"autotermination_minutes": {"type": "fixed", "value": 30}})
SMALL: dict[str, Any] = {"name": "small", "definition": DEFINITION, "adopt": False}
SPOT: dict[str, Any] = {
    "instance_pool_name": "spot",
    "node_type_id": "m5.large",
    "max_capacity": 4,
    "custom_tags": {"team": "data"},
    "adopt": False,
}
SAMPLES = [(POLICY, SMALL), (POOL, SPOT)]


def call(client: WorkspaceClient, method: str, path: str, **body: Any) -> Any:
    if method == "GET":
        return client.api_client.do(method, f"/api/2.0/{path}", query=body)
    return client.api_client.do(method, f"/api/2.0/{path}", body=body)


def count(client: WorkspaceClient, token: str) -> int:
    if token == POLICY:
        return len(call(client, "GET", "policies/clusters/list").get("policies", []))
    return len(call(client, "GET", "instance-pools/list").get("instance_pools", []))


@pytest.mark.parametrize(
    ("token", "inputs", "path", "reason"),
    [
        (POLICY, {}, "definition", "give the policy's rules, or policy_family_id"),
        (POLICY, {"definition": "["}, "definition", "is no JSON object; give a mapping"),
        (POLICY, {"definition": "[]"}, "definition", "is no JSON object"),
        (POLICY, {"definition": {"a": 1}}, "definition", "expected text, found a mapping"),
        (POLICY, {"definition": "{}", "policy_family_id": "f"}, "definition", "excludes 'policy_family_id'"),
        (POLICY, {"definition": "{}", "max_clusters_per_user": "1"}, "max_clusters_per_user", "a whole number"),
        (POOL, {}, "node_type_id", "is missing"),
        (POOL, {"node_type_id": "m", "min_idle_instances": 2, "max_capacity": 1}, "min_idle_instances", "is more than"),
        (POOL, {"node_type_id": "m", "min_idle_instances": -1}, "min_idle_instances", "expected 0 or more"),
        (POOL, {"node_type_id": "m", "custom_tags": {OWNER_TAG: "x"}}, f"custom_tags.{OWNER_TAG}", "own tag"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    wire: Wire, token: str, inputs: dict[str, Any], path: str, reason: str
) -> None:
    _, failures = wire.check(token, "x", inputs)
    assert list(failures) == [path]
    assert reason in failures[path]


def test_the_logical_name_is_the_name(wire: Wire) -> None:
    assert wire.check(POLICY, "small", {"definition": DEFINITION}) == (SMALL, {})
    assert wire.check(POOL, "spot", {**SPOT, "instance_pool_name": None}) == (SPOT, {})
    assert wire.check(POLICY, "small", {"definition": UNKNOWN})[1] == {}


def test_a_field_that_is_not_known_reaches_the_api_with_a_warning(wire: Wire) -> None:
    assert wire.check(POOL, "spot", {**SPOT, "max_capacty": 1})[1] == {}
    assert "did you mean 'max_capacity'?" in wire.engine.warnings[0]


@pytest.mark.parametrize(("token", "inputs"), SAMPLES)
def test_a_field_that_is_not_known_is_no_change_for_ever(
    provider: Wire, client: WorkspaceClient, token: str, inputs: dict[str, Any]
) -> None:
    given = {**inputs, "brand_new": {"mode": "x"}}
    resource_id, _ = provider.create(token, "x", given)
    # Whether the API gives it back or not.
    assert provider.read(token, "x", resource_id, given)[1] == given
    new = {**given, "brand_new": {"mode": "y"}}
    answer = provider.diff(token, "x", given, new)
    assert (list(answer.diffs), list(answer.replaces)) == (["brand_new"], [])
    if token == POLICY:
        provider.update(token, "x", resource_id, given, new)
        assert provider.read(token, "x", resource_id, new)[1] == new
    else:
        # Whether it can be edited only the API knows: it is asked, and what it says is told.
        with pytest.raises(grpc.RpcError, match="brand_new of an instance pool cannot be changed; make a new pool"):
            provider.update(token, "x", resource_id, given, new)
        provider.update(token, "x", resource_id, given, {**given, "max_capacity": 9})


@pytest.mark.parametrize(("token", "inputs"), SAMPLES)
def test_the_life_of_an_object(provider: Wire, client: WorkspaceClient, token: str, inputs: dict[str, Any]) -> None:
    resource_id, outputs = provider.create(token, "x", inputs)
    assert resource_id in outputs.values()
    # Our mark and what the workspace fills in are no drift.
    assert provider.read(token, "x", resource_id, inputs) == (resource_id, inputs, outputs)
    new = {**inputs, ("description" if token == POLICY else "idle_instance_autotermination_minutes"): None}
    new = {**new, "description": "größe"} if token == POLICY else {**new, "idle_instance_autotermination_minutes": 7}
    provider.update(token, "x", resource_id, inputs, new)
    assert provider.read(token, "x", resource_id, new)[1] == new
    imported = provider.read(token, "x", resource_id)[1]
    assert provider.diff(token, "x", imported, new).changes == NONE
    provider.delete(token, "x", resource_id)
    provider.delete(token, "x", resource_id)
    assert count(client, token) == 0
    assert provider.read(token, "x", resource_id, inputs)[0] == ""


def test_rules_that_mean_the_same_are_the_same(provider: Wire, client: WorkspaceClient) -> None:
    resource_id, _ = provider.create(POLICY, "small", SMALL)
    call(client, "POST", "policies/clusters/edit", policy_id=resource_id, name="small", definition=f" {DEFINITION}\n")
    assert provider.read(POLICY, "small", resource_id, SMALL)[1] == SMALL
    call(client, "POST", "policies/clusters/edit", policy_id=resource_id, name="small", definition="{}")
    seen = provider.read(POLICY, "small", resource_id, SMALL)[1]
    assert list(provider.diff(POLICY, "small", seen, SMALL).diffs) == ["definition"]


def test_what_the_api_cannot_change_replaces_the_pool(wire: Wire) -> None:
    answer = wire.diff(POOL, "spot", SPOT, {**SPOT, "node_type_id": "m5.xlarge", "max_capacity": 5})
    assert list(answer.replaces) == ["node_type_id"]
    assert list(wire.diff(POOL, "spot", SPOT, {**SPOT, "instance_pool_name": "other"}).replaces) == []
    assert wire.diff(POOL, "spot", SPOT, {**SPOT, "adopt": True}).changes == NONE


def test_a_pool_goes_first_only_where_its_replacement_needs_the_name(wire: Wire) -> None:
    larger = {**SPOT, "node_type_id": "m5.xlarge"}
    assert wire.diff(POOL, "spot", SPOT, larger).deleteBeforeReplace
    assert not wire.diff(POOL, "spot", SPOT, {**larger, "instance_pool_name": "other"}).deleteBeforeReplace


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("preset", ["lost_ack", "half_body"])
def test_a_lost_answer_leaves_one_object(
    provider: Wire, client: WorkspaceClient, workspace: Emulator, sample: tuple[str, dict[str, Any]], preset: str
) -> None:
    token, inputs = sample
    workspace.fault(preset, path="create", method="POST", times=1)
    resource_id, _ = provider.create(token, "x", inputs)
    assert provider.read(token, "x", resource_id, inputs)[1] == inputs
    assert count(client, token) == 1


@pytest.mark.parametrize(("token", "inputs"), SAMPLES)
def test_what_an_interrupted_up_made_is_completed(
    provider: Wire, next_provider: Wire, client: WorkspaceClient, token: str, inputs: dict[str, Any]
) -> None:
    resource_id, _ = provider.create(token, "x", inputs)
    assert next_provider.create(token, "x", inputs)[0] == resource_id
    assert count(client, token) == 1
    # One in the state is not taken for an orphan: a replacement must not take over what it replaces.
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(token, "x", inputs)
    assert "it is the one to be replaced; give x the option delete_before_replace=True" in refusal(caught.value)[1]


@pytest.mark.parametrize(("token", "inputs"), SAMPLES)
def test_an_object_that_is_not_ours_needs_adopt(provider: Wire, token: str, inputs: dict[str, Any]) -> None:
    first, _ = provider.create(token, "theirs", inputs)
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(token, "ours", inputs)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.ALREADY_EXISTS
    assert "set adopt=True" in message
    assert provider.create(token, "ours", {**inputs, "adopt": True})[0] == first


@pytest.mark.parametrize("adopt", [True, False])
def test_a_pool_that_no_edit_can_make_what_is_wanted_is_refused(
    provider: Wire, next_provider: Wire, client: WorkspaceClient, adopt: bool
) -> None:
    provider.create(POOL, "spot", SPOT)
    with pytest.raises(grpc.RpcError) as caught:
        next_provider.create(POOL, "spot", {**SPOT, "node_type_id": "m5.xlarge", "max_capacity": 5, "adopt": adopt})
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.ALREADY_EXISTS
    assert "exists already with another node_type_id, which cannot be changed in place" in message
    pools = call(client, "GET", "instance-pools/list")["instance_pools"]
    assert [(pool["node_type_id"], pool["max_capacity"]) for pool in pools] == [("m5.large", 4)]


def test_what_the_workspace_chose_for_a_pool_does_not_hinder_its_adoption(provider: Wire) -> None:
    given = {**SPOT, "disk_spec": {"disk_count": 1, "disk_size": 100}, "enable_elastic_disk": True}
    first, _ = provider.create(POOL, "theirs", given)
    assert provider.create(POOL, "ours", {**given, "max_capacity": 9, "adopt": True})[0] == first
