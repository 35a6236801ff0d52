"""``/api/2.0/policies/clusters``: cluster policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import invalid_parameter, not_found, not_implemented
from airbrick.emulator.permissions import CLUSTER_POLICIES, creator_entries
from airbrick.emulator.policies import MAX_NAME_CHARS, ClusterPolicy, read_definition
from airbrick.emulator.spec import check
from airbrick.emulator.wire import Call, Route

if TYPE_CHECKING:
    from airbrick.emulator.store import Store

_SORT_COLUMNS = ("POLICY_CREATION_TIME", "POLICY_NAME")
_SORT_ORDERS = ("ASC", "DESC")


def create(store: Store, call: Call) -> dict[str, Any]:
    """Answer create."""
    values = _check(store, check("CreateClusterPolicy", call.params), None)
    identity = call.whoami()
    policy = ClusterPolicy(
        policy_id=store.ids.next_hex().upper(),
        values=values,
        rules=read_definition(values["definition"]),
        creator=identity.name,
        created_s=store.clock.now(),
        permissions=creator_entries(CLUSTER_POLICIES, identity),
    )
    store.policies[policy.policy_id] = policy
    return {"policy_id": policy.policy_id}


def edit(store: Store, call: Call) -> dict[str, Any]:
    """Answer edit: replaces all fields."""
    values = check("EditClusterPolicy", call.params)
    policy = _find(store, values.pop("policy_id"))
    values = _check(store, values, policy)
    policy.rules = read_definition(values["definition"])
    policy.values = values
    return {}


def get(store: Store, call: Call) -> dict[str, Any]:
    """Answer get."""
    return _show(_find(store, call.text("policy_id")))


def list_policies(store: Store, call: Call) -> dict[str, Any]:
    """Answer list: newest first unless asked otherwise."""
    column = call.choice("sort_column", _SORT_COLUMNS)
    order = call.choice("sort_order", _SORT_ORDERS) or "DESC"
    policies = list(store.policies.values())
    if column == "POLICY_NAME":
        policies.sort(key=lambda policy: policy.name)
    if order == "DESC":
        policies.reverse()
    return {"policies": [_show(policy) for policy in policies], "total_count": len(policies)}


def delete(store: Store, call: Call) -> dict[str, Any]:
    """Answer delete; clusters and jobs that name the policy stay as they are."""
    policy = _find(store, call.text("policy_id"))
    del store.policies[policy.policy_id]
    return {}


def _check(store: Store, values: dict[str, Any], changed: ClusterPolicy | None) -> dict[str, Any]:
    if values.keys() & {"policy_family_id", "policy_family_definition_overrides"}:
        raise not_implemented("The airbrick emulator has no policy families; give the policy a definition.")
    name = values.get("name", "")
    if not 1 <= len(name) <= MAX_NAME_CHARS:
        raise invalid_parameter(f"name must have from 1 to {MAX_NAME_CHARS} characters")
    if any(other.name == name and other is not changed for other in store.policies.values()):
        raise invalid_parameter(f"Cluster policy name {name!r} is already taken; choose another.")
    if values.get("max_clusters_per_user", 1) < 1:
        raise invalid_parameter("max_clusters_per_user must be 1 or more")
    return {"definition": "{}", **values}


def _find(store: Store, policy_id: str) -> ClusterPolicy:
    policy = store.policies.get(policy_id)
    if policy is None:
        raise not_found(f"Cluster policy {policy_id} does not exist.")
    return policy


def _show(policy: ClusterPolicy) -> dict[str, Any]:
    return {
        **policy.values,
        "policy_id": policy.policy_id,
        "creator_user_name": policy.creator,
        "created_at_timestamp": int(policy.created_s * 1000),
        "is_default": False,
    }


ROUTES = (
    Route("POST", "/api/2.0/policies/clusters/create", create),
    Route("POST", "/api/2.0/policies/clusters/edit", edit),
    Route("GET", "/api/2.0/policies/clusters/get", get),
    Route("GET", "/api/2.0/policies/clusters/list", list_policies),
    Route("POST", "/api/2.0/policies/clusters/delete", delete),
)
