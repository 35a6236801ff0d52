"""``/api/2.0/permissions``: who may do what with an object."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from airbrick.emulator.errors import invalid_parameter, not_found, not_implemented
from airbrick.emulator.permissions import (
    CLUSTER_POLICIES,
    CLUSTERS,
    INSTANCE_POOLS,
    JOBS,
    WAREHOUSES,
    ObjectKind,
    check_entries,
    show_permissions,
)
from airbrick.emulator.wire import Call, Route, read_integer

if TYPE_CHECKING:
    from airbrick.emulator.permissions import Entry
    from airbrick.emulator.store import Job, Store

_PATH = "/api/2.0/permissions/{object_type}/{object_id}"


class Permitted(Protocol):
    """An object that has permissions."""

    permissions: list[Entry]


def _find_job(store: Store, key: str) -> Job | None:
    job_id = read_integer("object_id", key)
    if job_id is None:
        raise invalid_parameter("object_id must be a job id")
    return store.jobs.get(job_id)


_KINDS: dict[str, tuple[ObjectKind, Callable[[Store, str], Permitted | None]]] = {
    JOBS.path: (JOBS, _find_job),
    CLUSTERS.path: (CLUSTERS, lambda store, key: store.clusters.get(key)),
    CLUSTER_POLICIES.path: (CLUSTER_POLICIES, lambda store, key: store.policies.get(key)),
    INSTANCE_POOLS.path: (INSTANCE_POOLS, lambda store, key: store.pools.get(key)),
    WAREHOUSES.path: (WAREHOUSES, lambda store, key: store.warehouses.get(key)),
}


def get(store: Store, call: Call) -> dict[str, Any]:
    """Answer a GET: entries set on the object, then what it inherits."""
    kind, target = _find(store, call)
    return _shown(call, kind, target)


def put(store: Store, call: Call) -> dict[str, Any]:
    """Answer a PUT: replaces all entries."""
    kind, target = _find(store, call)
    target.permissions = check_entries(kind, call.params.get("access_control_list", []))
    return _shown(call, kind, target)


def patch(store: Store, call: Call) -> dict[str, Any]:
    """Answer a PATCH: adds entries or changes their levels; a new owner replaces the old one."""
    kind, target = _find(store, call)
    target.permissions = check_entries(kind, call.params.get("access_control_list", []), target.permissions)
    return _shown(call, kind, target)


def levels(store: Store, call: Call) -> dict[str, Any]:
    """Answer permissionLevels: what can be granted on the object."""
    kind, _ = _find(store, call)
    return {"permission_levels": kind.shows_levels()}


def _find(store: Store, call: Call) -> tuple[ObjectKind, Permitted]:
    object_type, key = call.path_params["object_type"], call.path_params["object_id"]
    if object_type not in _KINDS:
        raise not_implemented(
            f"The airbrick emulator keeps permissions of {', '.join(_KINDS)} alone, not of {object_type}."
        )
    kind, find = _KINDS[object_type]
    target = find(store, key)
    if target is None:
        raise not_found(f"{kind.noun.capitalize()} {key} does not exist.")
    return kind, target


def _shown(call: Call, kind: ObjectKind, target: Permitted) -> dict[str, Any]:
    return show_permissions(kind, call.path_params["object_id"], target.permissions)


ROUTES = (
    Route("GET", _PATH, get),
    Route("PUT", _PATH, put),
    Route("PATCH", _PATH, patch),
    Route("GET", f"{_PATH}/permissionLevels", levels),
)
