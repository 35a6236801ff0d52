"""``/api/2.0/preview/scim/v2``: who am I, and who there is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from airbrick.emulator.directory import KINDS, SERVICE_PRINCIPALS, USERS, Kind, ScimError
from airbrick.emulator.scim import Filter, checked, patched, selected
from airbrick.emulator.wire import Call, Reply, Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airbrick.emulator.store import Store

_ROOT = "/api/2.0/preview/scim/v2"
_LIST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_CONTENT_TYPE = "application/scim+json"
_PAGE_SIZE = 100


def me(store: Store, call: Call) -> Mapping[str, Any]:
    """Answer Me; for a service principal ``userName`` is its application id."""
    identity = call.whoami()
    shown = store.directory.get(SERVICE_PRINCIPALS if identity.is_service_principal else USERS, identity.id)
    return {**shown, "schemas": [USERS.schema], "userName": identity.name}


def _list(kind: Kind, store: Store, call: Call) -> Reply:
    wanted = call.optional_text("filter")
    passes = Filter(wanted).matches if wanted else lambda _resource: True
    found = [resource for resource in store.directory.all(kind) if passes(resource)]
    start, count = call.optional_integer("startIndex"), call.optional_integer("count")
    first = max(1, start if start is not None else 1)
    size = min(_PAGE_SIZE, max(0, count if count is not None else _PAGE_SIZE))
    page = [selected(item, call.optional_text("attributes")) for item in found[first - 1 : first - 1 + size]]
    answer: dict[str, Any] = {
        "schemas": [_LIST_SCHEMA],
        "totalResults": len(found),
        "startIndex": first,
        "itemsPerPage": len(page),
    }
    return _reply(answer | ({"Resources": page} if page else {}))


def _create(kind: Kind, store: Store, call: Call) -> Reply:
    made = store.directory.create(kind, checked(_body(call)))
    if kind in (USERS, SERVICE_PRINCIPALS):
        store.files.make_directory(f"/Users/{made[kind.key]}")
    return _reply(made, status=201)


def _get(kind: Kind, store: Store, call: Call) -> Reply:
    return _reply(selected(store.directory.get(kind, call.path_params["id"]), call.optional_text("attributes")))


def _put(kind: Kind, store: Store, call: Call) -> Reply:
    return _reply(store.directory.replace(kind, call.path_params["id"], checked(_body(call))))


def _patch(kind: Kind, store: Store, call: Call) -> Reply:
    key = call.path_params["id"]
    values = patched(store.directory.get(kind, key), call.params.get("Operations"))
    return _reply(store.directory.replace(kind, key, values))


def _delete(kind: Kind, store: Store, call: Call) -> Reply:
    store.directory.delete(kind, call.path_params["id"])
    return Reply(b"", status=204)


def _body(call: Call) -> dict[str, Any]:
    if call.body is None:
        raise ScimError(400, "The request has no body", "invalidSyntax")
    body: dict[str, Any] = call.body
    return body


def _reply(body: Mapping[str, Any], status: int = 200) -> Reply:
    return Reply(body, status=status, content_type=_CONTENT_TYPE)


def _routes(kind: Kind) -> tuple[Route, ...]:
    path = f"{_ROOT}/{kind.path}"
    handlers = (
        ("GET", path, _list),
        ("POST", path, _create),
        ("GET", f"{path}/{{id}}", _get),
        ("PUT", f"{path}/{{id}}", _put),
        ("PATCH", f"{path}/{{id}}", _patch),
        ("DELETE", f"{path}/{{id}}", _delete),
    )
    return tuple(Route(method, where, partial(handler, kind)) for method, where, handler in handlers)


ROUTES = (
    Route("GET", f"{_ROOT}/Me", me),
    *(route for kind in KINDS for route in _routes(kind)),
)
