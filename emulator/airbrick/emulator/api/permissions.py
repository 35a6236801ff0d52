"""``/api/2.0/permissions``: who may do what with an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbrick.emulator.access import OBJECTS, Permitted
from airbrick.emulator.errors import not_found, not_implemented
from airbrick.emulator.permissions import ObjectKind, check_entries, show_permissions
from airbrick.emulator.wire import Call, Route

if TYPE_CHECKING:
    from airbrick.emulator.store import Store

_PATH = "/api/2.0/permissions/{object_type}/{object_id}"


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
    if object_type not in OBJECTS:
        raise not_implemented(
            f"The airbrick emulator keeps permissions of {', '.join(OBJECTS)} alone, not of {object_type}."
        )
    kind, find = OBJECTS[object_type]
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
