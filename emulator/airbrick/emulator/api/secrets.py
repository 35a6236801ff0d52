"""``/api/2.0/secrets``: secret scopes, secrets and their ACLs."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import invalid_parameter, malformed_request, not_implemented
from airbrick.emulator.spec import check
from airbrick.emulator.wire import Call, Route

if TYPE_CHECKING:
    from airbrick.emulator.secrets import SecretScope
    from airbrick.emulator.store import Store

_ALL_USERS = "users"


def create_scope(store: Store, call: Call) -> dict[str, Any]:
    """Answer scopes/create; the creator may manage the scope unless all users may."""
    request = check("CreateScope", call.params)
    manager = request.get("initial_manage_principal") or call.whoami().name
    if manager not in (_ALL_USERS, call.whoami().name):
        raise invalid_parameter(f"initial_manage_principal can only be {_ALL_USERS!r}; put an ACL for others")
    if request.get("scope_backend_type") == "AZURE_KEYVAULT" or "backend_azure_keyvault" in request:
        raise not_implemented("The airbrick emulator has no Azure Key Vault; make a scope of its own.")
    store.secrets.create(request["scope"], manager)
    return {}


def delete_scope(store: Store, call: Call) -> dict[str, Any]:
    """Answer scopes/delete."""
    store.secrets.delete(call.text("scope"))
    return {}


def list_scopes(store: Store, _call: Call) -> dict[str, Any]:
    """Answer scopes/list; without scopes an empty object."""
    scopes = [{"name": name, "backend_type": "DATABRICKS"} for name in store.secrets.scopes]
    return {"scopes": scopes} if scopes else {}


def put(store: Store, call: Call) -> dict[str, Any]:
    """Answer put, of a string or of bytes in base64."""
    given = {"string_value", "bytes_value"} & {name for name, value in call.params.items() if value is not None}
    if len(given) != 1:
        raise malformed_request("Exactly one of string_value and bytes_value must be given.")
    if any(not isinstance(call.params[name], str) for name in given):
        # The value must not get into the message.
        raise invalid_parameter(f"{given.pop()} must be a string")
    request = check("PutSecret", call.params)
    scope = store.secrets.get(request["scope"])
    scope.put(request["key"], _value(request), store.clock.now())
    return {}


def delete(store: Store, call: Call) -> dict[str, Any]:
    """Answer delete."""
    _scope(store, call).delete(call.text("key"))
    return {}


def get(store: Store, call: Call) -> dict[str, Any]:
    """Answer get: the value in base64."""
    key = call.text("key")
    return {"key": key, "value": base64.b64encode(_scope(store, call).get(key).value).decode()}


def list_secrets(store: Store, call: Call) -> dict[str, Any]:
    """Answer list: keys without values; without secrets an empty object."""
    secrets = [
        {"key": key, "last_updated_timestamp": int(secret.updated_s * 1000)}
        for key, secret in _scope(store, call).secrets.items()
    ]
    return {"secrets": secrets} if secrets else {}


def put_acl(store: Store, call: Call) -> dict[str, Any]:
    """Answer acls/put."""
    request = check("PutSecretAcl", call.params)
    if not request["principal"]:
        raise invalid_parameter("principal must not be empty")
    store.secrets.get(request["scope"]).acls[request["principal"]] = request["permission"]
    return {}


def get_acl(store: Store, call: Call) -> dict[str, Any]:
    """Answer acls/get."""
    principal = call.text("principal")
    return {"principal": principal, "permission": _scope(store, call).acl(principal)}


def list_acls(store: Store, call: Call) -> dict[str, Any]:
    """Answer acls/list."""
    acls = _scope(store, call).acls
    return {"items": [{"principal": name, "permission": level} for name, level in acls.items()]} if acls else {}


def delete_acl(store: Store, call: Call) -> dict[str, Any]:
    """Answer acls/delete."""
    scope, principal = _scope(store, call), call.text("principal")
    scope.acl(principal)
    del scope.acls[principal]
    return {}


def _scope(store: Store, call: Call) -> SecretScope:
    return store.secrets.get(call.text("scope"))


def _value(request: dict[str, Any]) -> bytes:
    if "string_value" in request:
        return str(request["string_value"]).encode()
    try:
        return base64.b64decode(request["bytes_value"], validate=True)
    except (binascii.Error, ValueError):
        raise invalid_parameter("bytes_value must be base64") from None


ROUTES = (
    Route("POST", "/api/2.0/secrets/scopes/create", create_scope),
    Route("POST", "/api/2.0/secrets/scopes/delete", delete_scope),
    Route("GET", "/api/2.0/secrets/scopes/list", list_scopes),
    Route("POST", "/api/2.0/secrets/put", put),
    Route("POST", "/api/2.0/secrets/delete", delete),
    Route("GET", "/api/2.0/secrets/get", get),
    Route("GET", "/api/2.0/secrets/list", list_secrets),
    Route("POST", "/api/2.0/secrets/acls/put", put_acl),
    Route("POST", "/api/2.0/secrets/acls/delete", delete_acl),
    Route("GET", "/api/2.0/secrets/acls/get", get_acl),
    Route("GET", "/api/2.0/secrets/acls/list", list_acls),
)
