"""Who may do what, for workspaces that enforce permissions. Administrators may do everything.

A request for an object that does not exist is refused as one for an object that is somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from airbrick.emulator.errors import ApiError, invalid_parameter
from airbrick.emulator.permissions import (
    CLUSTER_POLICIES,
    CLUSTERS,
    INSTANCE_POOLS,
    JOBS,
    WAREHOUSES,
    ObjectKind,
    principal_of,
)
from airbrick.emulator.secrets import PERMISSIONS
from airbrick.emulator.wire import Call, Route, read_integer

if TYPE_CHECKING:
    from airbrick.emulator.auth import Identity
    from airbrick.emulator.permissions import Entry
    from airbrick.emulator.secrets import SecretScope
    from airbrick.emulator.store import Job, Store

_VERSION = re.compile(r"^/api/2\.\d")
_SCIM = "/preview/scim/v2"
_SECRETS = "/accounts/servicePrincipals/{id}/credentials/secrets"


class Permitted(Protocol):
    """An object that has permissions."""

    permissions: list[Entry]


Guard = Callable[["Store", Call], None]
Find = Callable[["Store", str], Permitted | None]


def _find_job(store: Store, key: str) -> Job | None:
    job_id = read_integer("job_id", key)
    if job_id is None:
        raise invalid_parameter("job_id must be a job id")
    return store.jobs.get(job_id)


OBJECTS: Mapping[str, tuple[ObjectKind, Find]] = {
    JOBS.path: (JOBS, _find_job),
    CLUSTERS.path: (CLUSTERS, lambda store, key: store.clusters.get(key)),
    CLUSTER_POLICIES.path: (CLUSTER_POLICIES, lambda store, key: store.policies.get(key)),
    INSTANCE_POOLS.path: (INSTANCE_POOLS, lambda store, key: store.pools.get(key)),
    WAREHOUSES.path: (WAREHOUSES, lambda store, key: store.warehouses.get(key)),
}


def check_access(store: Store, route: Route, call: Call) -> None:
    """Refuse a request whose sender may not make it.

    :raises ApiError: 403
    """
    if not store.enforces:
        return
    guard = _GUARDS.get((route.method, _VERSION.sub("", route.path)))
    if guard is not None and not store.directory.is_admin(call.whoami()):
        guard(store, call)


def only_visible(store: Store, route: Route, call: Call, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a list's answer without what its reader may not see."""
    if not store.enforces or route.method != "GET":
        return answer
    listed = _LISTS.get(_VERSION.sub("", route.path))
    if listed is None or store.directory.is_admin(call.whoami()):
        return answer
    name, sees = listed
    return {**answer, name: [item for item in answer.get(name, ()) if sees(store, call.whoami(), item)]}


def check_run_as(store: Store, identity: Identity, run_as: Mapping[str, str]) -> None:
    """Check whom a job is to run as.

    :raises ApiError: 400, nobody has the name; 403, the job is to run as somebody else
    """
    name = next(iter(run_as.values()), identity.name)
    if not store.enforces or "group_name" in run_as:
        return
    found = store.directory.by_name(name)
    if found is None or found.run_as().keys() != run_as.keys():
        raise invalid_parameter(f"run_as: there is no {next(iter(run_as))} {name!r:.100} in the workspace")
    if found.id != identity.id and not store.directory.is_admin(identity):
        raise _forbidden(f"User {identity.name} may not let jobs run as {name}.")


def readable_secrets(store: Store, name: str) -> dict[str, dict[str, bytes]]:
    """Return the secrets that a user or a service principal may read, by scope and key: all, unless that is enforced.

    :param name: user name, or application id
    """
    identity = store.directory.by_name(name)
    scopes = list(store.secrets.scopes.values())
    if store.enforces and (identity is None or not store.directory.is_admin(identity)):
        scopes = [scope for scope in scopes if identity is not None and _has(store, identity, scope, PERMISSIONS[0])]
    return {scope.name: {key: secret.value for key, secret in scope.secrets.items()} for scope in scopes}


def _has(store: Store, identity: Identity, scope: SecretScope, permission: str) -> bool:
    mine = (identity.name, *store.directory.groups_of(identity.id))
    held = [scope.acls[principal] for principal in mine if principal in scope.acls]
    return any(PERMISSIONS.index(item) >= PERMISSIONS.index(permission) for item in held)


def _may(store: Store, identity: Identity, kind: ObjectKind, target: Permitted | None, level: str) -> bool:
    if target is None:
        return False
    order, groups = list(kind.levels), store.directory.groups_of(identity.id)
    mine = {*identity.run_as().items(), *(("group_name", name) for name in groups)}
    return any(
        order.index(entry["permission_level"]) >= order.index(level)
        for entry in target.permissions
        if principal_of(entry) in mine
    )


def _on(kind: ObjectKind, level: str, name: str) -> Guard:
    def guard(store: Store, call: Call) -> None:
        key = call.path_params.get(name, call.params.get(name))
        if key is not None and not _may(store, call.whoami(), kind, OBJECTS[kind.path][1](store, str(key)), level):
            raise _lacks(call, level, kind, key)

    return guard


def _on_runs_of(level: str) -> Guard:
    of_one_job = _on(JOBS, level, "job_id")

    def guard(store: Store, call: Call) -> None:
        if call.params.get("job_id") is None:
            raise _forbidden("Only administrators may cancel the runs of all jobs; give job_id.")
        of_one_job(store, call)

    return guard


def _on_run(level: str) -> Guard:
    def guard(store: Store, call: Call) -> None:
        run_id = read_integer("run_id", call.params.get("run_id"))
        if run_id is None:
            return
        found = store.runs.get(run_id)
        task_run = store.runs.task_run(run_id) if found is None else None
        run = task_run[0] if task_run is not None else found
        own = run is not None and run.creator == call.whoami().name
        job = store.jobs.get(run.job_id) if run is not None else None
        if not own and not _may(store, call.whoami(), JOBS, job, level):
            raise _forbidden(f"User {call.whoami().name} does not have {level} permissions on run {run_id}.")

    return guard


def _on_scope(permission: str) -> Guard:
    def guard(store: Store, call: Call) -> None:
        name, identity = call.optional_text("scope"), call.whoami()
        if not name:
            return
        scope = store.secrets.scopes.get(name)
        if scope is None or not _has(store, identity, scope, permission):
            raise _forbidden(f"User {identity.name} does not have {permission} permission on scope {name}.")

    return guard


def _on_permissions(*, change: bool) -> Guard:
    def guard(store: Store, call: Call) -> None:
        object_type, key = call.path_params["object_type"], call.path_params["object_id"]
        if object_type not in OBJECTS:
            return
        kind, find = OBJECTS[object_type]
        level = "CAN_MANAGE" if change else next(iter(kind.levels))
        if level not in kind.levels or not _may(store, call.whoami(), kind, find(store, key), level):
            raise _lacks(call, level, kind, key)

    return guard


def _admins(_store: Store, call: Call) -> None:
    raise _forbidden(f"Only administrators may call {call.method} {call.path}.")


def _sees(kind: ObjectKind, key: str) -> Callable[[Store, Identity, Mapping[str, Any]], bool]:
    lowest, find = next(iter(kind.levels)), OBJECTS[kind.path][1]
    return lambda store, identity, item: _may(store, identity, kind, find(store, str(item[key])), lowest)


def _sees_run(store: Store, identity: Identity, run: Mapping[str, Any]) -> bool:
    job = store.jobs.get(run["job_id"])
    return run.get("creator_user_name") == identity.name or _may(store, identity, JOBS, job, "CAN_VIEW")


def _lacks(call: Call, level: str, kind: ObjectKind, key: object) -> ApiError:
    return _forbidden(f"User {call.whoami().name} does not have {level} permissions on {kind.noun} {key}.")


def _forbidden(message: str) -> ApiError:
    return ApiError(403, "PERMISSION_DENIED", message)


_GUARDS: Mapping[tuple[str, str], Guard] = {
    ("GET", "/jobs/get"): _on(JOBS, "CAN_VIEW", "job_id"),
    ("POST", "/jobs/update"): _on(JOBS, "CAN_MANAGE", "job_id"),
    ("POST", "/jobs/reset"): _on(JOBS, "CAN_MANAGE", "job_id"),
    ("POST", "/jobs/delete"): _on(JOBS, "CAN_MANAGE", "job_id"),
    ("POST", "/jobs/run-now"): _on(JOBS, "CAN_MANAGE_RUN", "job_id"),
    ("POST", "/jobs/runs/cancel-all"): _on_runs_of("CAN_MANAGE_RUN"),
    ("GET", "/jobs/runs/get"): _on_run("CAN_VIEW"),
    ("GET", "/jobs/runs/get-output"): _on_run("CAN_VIEW"),
    ("GET", "/jobs/runs/export"): _on_run("CAN_VIEW"),
    ("POST", "/jobs/runs/cancel"): _on_run("CAN_MANAGE_RUN"),
    ("POST", "/jobs/runs/repair"): _on_run("CAN_MANAGE_RUN"),
    ("POST", "/jobs/runs/delete"): _on_run("CAN_MANAGE"),
    ("POST", "/policies/clusters/create"): _admins,
    ("POST", "/policies/clusters/edit"): _admins,
    ("POST", "/policies/clusters/delete"): _admins,
    ("GET", "/policies/clusters/get"): _on(CLUSTER_POLICIES, "CAN_USE", "policy_id"),
    ("POST", "/instance-pools/create"): _admins,
    ("POST", "/instance-pools/edit"): _on(INSTANCE_POOLS, "CAN_MANAGE", "instance_pool_id"),
    ("POST", "/instance-pools/delete"): _on(INSTANCE_POOLS, "CAN_MANAGE", "instance_pool_id"),
    ("GET", "/instance-pools/get"): _on(INSTANCE_POOLS, "CAN_ATTACH_TO", "instance_pool_id"),
    ("POST", "/clusters/create"): _admins,
    ("POST", "/clusters/edit"): _on(CLUSTERS, "CAN_MANAGE", "cluster_id"),
    ("POST", "/clusters/permanent-delete"): _on(CLUSTERS, "CAN_MANAGE", "cluster_id"),
    ("POST", "/clusters/start"): _on(CLUSTERS, "CAN_RESTART", "cluster_id"),
    ("POST", "/clusters/restart"): _on(CLUSTERS, "CAN_RESTART", "cluster_id"),
    ("POST", "/clusters/delete"): _on(CLUSTERS, "CAN_RESTART", "cluster_id"),
    ("GET", "/clusters/get"): _on(CLUSTERS, "CAN_ATTACH_TO", "cluster_id"),
    ("POST", "/sql/warehouses"): _admins,
    ("POST", "/sql/warehouses/{id}/edit"): _on(WAREHOUSES, "CAN_MANAGE", "id"),
    ("DELETE", "/sql/warehouses/{id}"): _on(WAREHOUSES, "CAN_MANAGE", "id"),
    ("POST", "/sql/warehouses/{id}/start"): _on(WAREHOUSES, "CAN_USE", "id"),
    ("POST", "/sql/warehouses/{id}/stop"): _on(WAREHOUSES, "CAN_MANAGE", "id"),
    ("GET", "/sql/warehouses/{id}"): _on(WAREHOUSES, "CAN_VIEW", "id"),
    ("POST", "/sql/statements"): _on(WAREHOUSES, "CAN_USE", "warehouse_id"),
    ("POST", "/secrets/scopes/delete"): _on_scope("MANAGE"),
    ("POST", "/secrets/put"): _on_scope("WRITE"),
    ("POST", "/secrets/delete"): _on_scope("WRITE"),
    ("GET", "/secrets/get"): _on_scope("READ"),
    ("GET", "/secrets/list"): _on_scope("READ"),
    ("POST", "/secrets/acls/put"): _on_scope("MANAGE"),
    ("POST", "/secrets/acls/delete"): _on_scope("MANAGE"),
    ("GET", "/secrets/acls/get"): _on_scope("MANAGE"),
    ("GET", "/secrets/acls/list"): _on_scope("MANAGE"),
    ("GET", "/permissions/{object_type}/{object_id}"): _on_permissions(change=False),
    ("GET", "/permissions/{object_type}/{object_id}/permissionLevels"): _on_permissions(change=False),
    ("PUT", "/permissions/{object_type}/{object_id}"): _on_permissions(change=True),
    ("PATCH", "/permissions/{object_type}/{object_id}"): _on_permissions(change=True),
    ("POST", "/token-management/on-behalf-of/tokens"): _admins,
    ("POST", _SECRETS): _admins,
    ("GET", _SECRETS): _admins,
    ("DELETE", f"{_SECRETS}/{{secret_id}}"): _admins,
    **{
        (method, f"{_SCIM}/{kind}{path}"): _admins
        for kind in ("Users", "ServicePrincipals", "Groups")
        for method, path in (("POST", ""), ("PUT", "/{id}"), ("PATCH", "/{id}"), ("DELETE", "/{id}"))
    },
}
# List endpoint -> field of its answer, and who sees an entry.
_LISTS: Mapping[str, tuple[str, Callable[[Store, Identity, Mapping[str, Any]], bool]]] = {
    "/jobs/list": ("jobs", _sees(JOBS, "job_id")),
    "/jobs/runs/list": ("runs", _sees_run),
    "/policies/clusters/list": ("policies", _sees(CLUSTER_POLICIES, "policy_id")),
    "/instance-pools/list": ("instance_pools", _sees(INSTANCE_POOLS, "instance_pool_id")),
    "/clusters/list": ("clusters", _sees(CLUSTERS, "cluster_id")),
    "/sql/warehouses": ("warehouses", _sees(WAREHOUSES, "id")),
}
