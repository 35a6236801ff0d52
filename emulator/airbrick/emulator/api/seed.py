"""``/_local/seed``: fill a workspace in one request."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import orjson

from airbrick.emulator.api import jobs, local, workspace
from airbrick.emulator.errors import invalid_parameter
from airbrick.emulator.wire import Call, Handler, Reply, Route

if TYPE_CHECKING:
    from airbrick.emulator.store import Store

_KEYS = ("files", "jobs", "plans")


def seed(store: Store, call: Call) -> dict[str, Any]:
    """Fill the workspace with ``files`` (path, content), ``plans`` and ``jobs`` (settings); answer their ids."""
    made: dict[str, int] = {}
    if unknown := sorted(set(call.params) - set(_KEYS)):
        raise invalid_parameter(f"seed: unknown key {unknown[0]!r}; known are {', '.join(_KEYS)}")
    for item in _items(call, "files"):
        _as_user(store, workspace.import_object, {"format": "AUTO", "overwrite": True, **_encoded(item)})
    for item in _items(call, "plans"):
        _as_user(store, local.add_plan, item)
    for item in _items(call, "jobs"):
        made[str(item.get("name"))] = _as_user(store, jobs.create, item)["job_id"]
    return {"jobs": made}


def _items(call: Call, name: str) -> list[dict[str, Any]]:
    items = call.params.get(name, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise invalid_parameter(f"seed: {name} must be a list of objects")
    return items


def _encoded(item: dict[str, Any]) -> dict[str, Any]:
    path, content = item.get("path"), item.get("content")
    if not isinstance(path, str) or not isinstance(content, str):
        raise invalid_parameter("seed: each of files must have path and content, both strings")
    return {"path": path, "content": base64.b64encode(content.encode()).decode()}


def _as_user(store: Store, handler: Handler, params: dict[str, Any]) -> dict[str, Any]:
    raw = orjson.dumps(params)
    answer = handler(store, Call("POST", "", {}, {}, raw, params=params, body=params, identity=store.tokens.user))
    return {} if isinstance(answer, Reply) else dict(answer)


ROUTES = (Route("POST", "/_local/seed", seed, access="admin"),)
