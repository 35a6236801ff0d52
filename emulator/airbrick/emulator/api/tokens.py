"""Personal access tokens, and OAuth secrets of service principals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airbrick.emulator.auth import PAT_LIFETIME_S
from airbrick.emulator.directory import SERVICE_PRINCIPALS
from airbrick.emulator.errors import invalid_parameter, not_found
from airbrick.emulator.wire import Call, Reply, Route

if TYPE_CHECKING:
    from airbrick.emulator.auth import ClientSecret, Token
    from airbrick.emulator.store import Store

ANYONES = "/_local/tokens"
_SECRETS = "/api/2.0/accounts/servicePrincipals/{id}/credentials/secrets"


def create(store: Store, call: Call) -> dict[str, Any]:
    """Answer token/create: a token of whoever asks."""
    value, token = store.tokens.create_pat(call.whoami().id, call.optional_text("comment") or "", _lifetime_s(call))
    return {"token_value": value, "token_info": _show(token)}


def create_for(store: Store, call: Call) -> dict[str, Any]:
    """Answer token-management/on-behalf-of/tokens: a token of a service principal."""
    application_id = call.text("application_id")
    found = store.directory.by_name(application_id)
    if found is None or not found.is_service_principal:
        raise not_found(f"Service principal {application_id} does not exist.")
    value, token = store.tokens.create_pat(found.id, call.optional_text("comment") or "", _lifetime_s(call))
    info = _show(token) | {"owner_id": int(found.id), "created_by_username": call.whoami().name}
    return {"token_value": value, "token_info": info}


def create_for_anyone(store: Store, call: Call) -> dict[str, Any]:
    """Make a token of a user or a service principal, for code that holds the whole workspace anyway."""
    name = call.text("name")
    found = store.directory.by_name(name)
    if found is None:
        raise not_found(f"the workspace has no user and no service principal {name!r}")
    return {"token_value": store.tokens.create_pat(found.id, "made by token_of", None)[0]}


def list_tokens(store: Store, call: Call) -> dict[str, Any]:
    """Answer token/list: the tokens of whoever asks, without their values."""
    return {"token_infos": [_show(token) for token in store.tokens.pats(call.whoami().id)]}


def delete(store: Store, call: Call) -> dict[str, Any]:
    """Answer token/delete."""
    store.tokens.delete_pat(call.whoami().id, call.text("token_id"))
    return {}


def create_secret(store: Store, call: Call) -> dict[str, Any]:
    """Answer credentials/secrets: the one answer that holds the secret."""
    secret = store.tokens.create_secret(_service_principal(store, call))
    return _show_secret(secret) | {"secret": secret.value}


def list_secrets(store: Store, call: Call) -> dict[str, Any]:
    """Answer the OAuth secrets of a service principal, without their values."""
    return {"secrets": [_show_secret(item) for item in store.tokens.secrets_of(_service_principal(store, call))]}


def delete_secret(store: Store, call: Call) -> Reply:
    """Revoke an OAuth secret."""
    store.tokens.delete_secret(_service_principal(store, call), call.path_params["secret_id"])
    return Reply({})


def _lifetime_s(call: Call) -> float | None:
    seconds = call.optional_integer("lifetime_seconds")
    if seconds is not None and not 0 < seconds <= PAT_LIFETIME_S:
        raise invalid_parameter(f"lifetime_seconds must be from 1 to {PAT_LIFETIME_S:.0f}")
    return seconds


def _service_principal(store: Store, call: Call) -> str:
    return str(store.directory.get(SERVICE_PRINCIPALS, call.path_params["id"])["id"])


def _show(token: Token) -> dict[str, Any]:
    return {
        "token_id": token.token_id,
        "comment": token.comment,
        "creation_time": int(token.created_s * 1000),
        "expiry_time": -1 if token.expires_s is None else int(token.expires_s * 1000),
    }


def _show_secret(secret: ClientSecret) -> dict[str, Any]:
    moment = datetime.fromtimestamp(secret.created_s, UTC).isoformat().replace("+00:00", "Z")
    return {
        "id": secret.secret_id,
        "secret_hash": secret.value_hash,
        "create_time": moment,
        "update_time": moment,
        "status": "ACTIVE",
    }


ROUTES = (
    Route("POST", "/api/2.0/token/create", create),
    Route("POST", ANYONES, create_for_anyone, access="process"),
    Route("GET", "/api/2.0/token/list", list_tokens),
    Route("POST", "/api/2.0/token/delete", delete),
    Route("POST", "/api/2.0/token-management/on-behalf-of/tokens", create_for),
    Route("POST", _SECRETS, create_secret),
    Route("GET", _SECRETS, list_secrets),
    Route("DELETE", f"{_SECRETS}/{{secret_id}}", delete_secret),
)
