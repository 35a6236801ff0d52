"""SCIM: who am I."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbrick.emulator.wire import Call, Route

if TYPE_CHECKING:
    from airbrick.emulator.store import Store

_USER = "urn:ietf:params:scim:schemas:core:2.0:User"


def me(_store: Store, call: Call) -> dict[str, Any]:
    """Answer Me; for a service principal ``userName`` is its application id."""
    identity = call.whoami()
    answer: dict[str, Any] = {
        "schemas": [_USER],
        "id": identity.id,
        "userName": identity.name,
        "displayName": identity.display_name,
        "active": True,
        "groups": [{"display": "admins", "type": "direct", "value": "100003"}],
    }
    if not identity.is_service_principal:
        answer["emails"] = [{"type": "work", "value": identity.name, "primary": True}]
    return answer


ROUTES = (Route("GET", "/api/2.0/preview/scim/v2/Me", me),)
