"""``/api/2.0/sql/warehouses``: SQL warehouses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import ApiError, not_found
from airbrick.emulator.lifecycle import Condition, Way
from airbrick.emulator.paging import page_token, read_limit, read_page_token
from airbrick.emulator.permissions import WAREHOUSES, creator_entries
from airbrick.emulator.spec import check
from airbrick.emulator.warehouses import START, STOP, Warehouse, warehouse_settings
from airbrick.emulator.wire import Call, Handler, Route

if TYPE_CHECKING:
    from airbrick.emulator.store import Store

_PATH = "/api/2.0/sql/warehouses"


def create(store: Store, call: Call) -> dict[str, Any]:
    """Answer create; the warehouse begins to start."""
    identity, now = call.whoami(), store.clock.now()
    settings = warehouse_settings(check("CreateWarehouse", call.params))
    _check_name(store, settings, None)
    key = store.ids.next_hex()
    store.warehouses[key] = Warehouse(
        key, settings, identity.name, Condition(START, now, identity.name), creator_entries(WAREHOUSES, identity)
    )
    return {"id": key}


def edit(store: Store, call: Call) -> dict[str, Any]:
    """Answer edit: replaces the fields that it gives."""
    warehouse = find_warehouse(store, call.path_params["id"])
    request = check("EditWarehouse", {**call.params, "id": warehouse.warehouse_id})
    del request["id"]
    settings = warehouse_settings({**warehouse.settings, **request})
    _check_name(store, settings, warehouse)
    warehouse.settings = settings
    return {}


def get(store: Store, call: Call) -> dict[str, Any]:
    """Answer get."""
    return find_warehouse(store, call.path_params["id"]).shown(store.clock.now(), store.host)


def list_warehouses(store: Store, call: Call) -> dict[str, Any]:
    """Answer list."""
    limit = read_limit(call.optional_integer("page_size"), default=100, maximum=100)
    start = read_page_token(call.optional_text("page_token")) or 0
    now, found = store.clock.now(), list(store.warehouses.values())
    answer: dict[str, Any] = {"warehouses": [item.shown(now, store.host) for item in found[start : start + limit]]}
    if start + limit < len(found):
        answer["next_page_token"] = page_token(start + limit)
    return answer


def delete(store: Store, call: Call) -> dict[str, Any]:
    """Answer delete."""
    del store.warehouses[find_warehouse(store, call.path_params["id"]).warehouse_id]
    return {}


def find_warehouse(store: Store, key: str) -> Warehouse:
    """Return a warehouse.

    :raises ApiError: 404, there is none
    """
    found = store.warehouses.get(key)
    if found is None:
        raise not_found(f"SQL warehouse {key} does not exist.")
    return found


def _teller(command: Way) -> Handler:
    def tell(store: Store, call: Call) -> dict[str, Any]:
        find_warehouse(store, call.path_params["id"]).tell(command, store.clock.now(), call.whoami().name)
        return {}

    return tell


def _check_name(store: Store, settings: dict[str, Any], changed: Warehouse | None) -> None:
    name = settings["name"]
    if any(item.name == name and item is not changed for item in store.warehouses.values()):
        raise ApiError(400, "RESOURCE_ALREADY_EXISTS", f"A SQL warehouse with the name {name!r} already exists.")


ROUTES = (
    Route("POST", _PATH, create),
    Route("GET", _PATH, list_warehouses),
    Route("GET", f"{_PATH}/{{id}}", get),
    Route("POST", f"{_PATH}/{{id}}/edit", edit),
    Route("DELETE", f"{_PATH}/{{id}}", delete),
    Route("POST", f"{_PATH}/{{id}}/start", _teller(START)),
    Route("POST", f"{_PATH}/{{id}}/stop", _teller(STOP)),
)
