"""OAuth: discovery documents and the token endpoint for client credentials."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

import orjson

from airbrick.emulator.wire import Call, Reply, Route

if TYPE_CHECKING:
    from airbrick.emulator.store import Store

TOKEN_PATH = "/oidc/v1/token"  # noqa: S105 - a path
_NO_STORE = {"Cache-Control": "no-store"}


def databricks_config(store: Store, _call: Call) -> dict[str, Any]:
    """Answer ``/.well-known/databricks-config``."""
    return {"oidc_endpoint": f"{store.host}/oidc", "workspace_id": store.workspace_id, "cloud": "AWS"}


def authorization_server(store: Store, _call: Call) -> dict[str, Any]:
    """Answer the OAuth discovery document."""
    oidc = f"{store.host}/oidc"
    return {
        "issuer": oidc,
        "authorization_endpoint": f"{oidc}/v1/authorize",
        "token_endpoint": f"{oidc}/v1/token",
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": ["all-apis", "offline_access"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }


def token(store: Store, call: Call) -> Reply:
    """Answer a request for a token; credentials come in a Basic header or in the form."""
    form = _form(call)
    if form.get("grant_type") != "client_credentials":
        return _refusal(400, "unsupported_grant_type", "grant_type must be client_credentials")
    client_id, client_secret = client_of(call)
    granted = store.tokens.grant(client_id, client_secret, store.directory)
    if granted is None:
        return _refusal(401, "invalid_client", "Client authentication failed")
    answer = {
        "access_token": granted,
        "token_type": "Bearer",
        "expires_in": int(store.tokens.oauth_ttl_s),
        "scope": form.get("scope", "all-apis"),
    }
    return Reply(answer, headers=_NO_STORE)


def client_of(call: Call) -> tuple[str, str]:
    """Return the client id and the secret that a request for a token carries; empty strings without them."""
    form = _form(call)
    return _basic(call.headers.get("authorization")) or (form.get("client_id", ""), form.get("client_secret", ""))


def _form(call: Call) -> dict[str, str]:
    if "json" in call.headers.get("content-type", ""):
        try:
            values = orjson.loads(call.raw)
        except orjson.JSONDecodeError:
            return {}
        return (
            {key: value for key, value in values.items() if isinstance(value, str)} if isinstance(values, dict) else {}
        )
    return {name: values[-1] for name, values in parse_qs(call.raw.decode("utf-8", "replace")).items()}


def _basic(authorization: str | None) -> tuple[str, str] | None:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote(name), unquote(secret)


def _refusal(status: int, error: str, description: str) -> Reply:
    return Reply({"error": error, "error_description": description}, status=status, headers=_NO_STORE)


ROUTES = (
    Route("GET", "/.well-known/databricks-config", databricks_config, access="public"),
    Route("GET", "/oidc/.well-known/oauth-authorization-server", authorization_server, access="public"),
    Route("POST", TOKEN_PATH, token, access="public", reads_json=False),
)
