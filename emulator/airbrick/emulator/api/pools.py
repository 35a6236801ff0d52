"""``/api/2.0/instance-pools``: instance pools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import invalid_parameter, not_found
from airbrick.emulator.permissions import INSTANCE_POOLS, creator_entries
from airbrick.emulator.pools import InstancePool, edited_settings, pool_settings
from airbrick.emulator.spec import check
from airbrick.emulator.wire import Call, Route

if TYPE_CHECKING:
    from airbrick.emulator.store import Store


def create(store: Store, call: Call) -> dict[str, Any]:
    """Answer create."""
    identity = call.whoami()
    values = pool_settings(check("CreateInstancePool", call.params))
    _check_name(store, values, None)
    pool_id = store.ids.next_stamped(store.clock.now())
    pool = InstancePool(pool_id, values, identity.id, creator_entries(INSTANCE_POOLS, identity))
    store.pools[pool_id] = pool
    return {"instance_pool_id": pool_id}


def edit(store: Store, call: Call) -> dict[str, Any]:
    """Answer edit: changes name, sizes and tags; a node type cannot be changed."""
    request = check("EditInstancePool", call.params)
    pool = _find(store, request.pop("instance_pool_id"))
    values = edited_settings(pool.values, request)
    _check_name(store, values, pool)
    pool.values = values
    return {}


def get(store: Store, call: Call) -> dict[str, Any]:
    """Answer get."""
    return _find(store, call.text("instance_pool_id")).shown()


def list_pools(store: Store, _call: Call) -> dict[str, Any]:
    """Answer list; without pools an empty object."""
    return {"instance_pools": [pool.shown() for pool in store.pools.values()]} if store.pools else {}


def delete(store: Store, call: Call) -> dict[str, Any]:
    """Answer delete."""
    pool = _find(store, call.text("instance_pool_id"))
    del store.pools[pool.pool_id]
    return {}


def _check_name(store: Store, values: dict[str, Any], changed: InstancePool | None) -> None:
    name = values["instance_pool_name"]
    if any(pool.name == name and pool is not changed for pool in store.pools.values()):
        raise invalid_parameter(f"An instance pool with the name {name!r} exists already; choose another name.")


def _find(store: Store, pool_id: str) -> InstancePool:
    pool = store.pools.get(pool_id)
    if pool is None:
        raise not_found(f"Instance pool {pool_id} does not exist.")
    return pool


ROUTES = (
    Route("POST", "/api/2.0/instance-pools/create", create),
    Route("POST", "/api/2.0/instance-pools/edit", edit),
    Route("GET", "/api/2.0/instance-pools/get", get),
    Route("GET", "/api/2.0/instance-pools/list", list_pools),
    Route("POST", "/api/2.0/instance-pools/delete", delete),
)
