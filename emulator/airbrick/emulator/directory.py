"""The users, service principals and groups of a workspace, as SCIM shows them.

Source: https://docs.databricks.com/api/workspace/users, RFC 7644
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airbrick.emulator.auth import Identity
from airbrick.emulator.errors import ApiError
from airbrick.emulator.permissions import ADMINS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airbrick.emulator.ids import IdSource

ALL_USERS = "users"
_ADMINS_ID = "100003"
_USERS_ID = "100004"
_ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"

Resource = dict[str, Any]


class ScimError(ApiError):
    """An error in the shape of SCIM.

    :param scim_type: what kind of wrong, such as ``uniqueness``
    """

    def __init__(self, status: int, detail: str, scim_type: str | None = None) -> None:
        super().__init__(status, "", detail)
        self.scim_type = scim_type

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the answer."""
        shown = {"schemas": [_ERROR_SCHEMA], "detail": self.message, "status": str(self.status)}
        return shown | ({"scimType": self.scim_type} if self.scim_type else {})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of SCIM resources.

    :param path: its name in addresses
    :param noun: its name in messages
    :param key: the attribute that must be there and be unique
    :param form: regular expression of that attribute; None for any text
    """

    path: str
    noun: str
    key: str
    form: str | None = None

    @property
    def schema(self) -> str:
        """The SCIM schema of its resources."""
        return f"urn:ietf:params:scim:schemas:core:2.0:{self.noun}"


USERS = Kind("Users", "User", "userName", r"[^@\s/]+@[^@\s/]+")
SERVICE_PRINCIPALS = Kind("ServicePrincipals", "ServicePrincipal", "applicationId", r"[\w-]{1,100}")
GROUPS = Kind("Groups", "Group", "displayName")
KINDS = (USERS, SERVICE_PRINCIPALS, GROUPS)


class Directory:
    """Who there is.

    :param ids: where ids come from
    :param user: the first user, an administrator
    :param service_principal: the first service principal, an administrator
    """

    def __init__(self, ids: IdSource, user: Identity, service_principal: Identity) -> None:
        self._ids = ids
        self._first = (user, service_principal)
        self.clear()

    def clear(self) -> None:
        """Go back to the first user and service principal, and the groups of all workspaces."""
        self._found: dict[str, dict[str, Resource]] = {kind.path: {} for kind in KINDS}
        self._members: dict[str, dict[str, None]] = {_ADMINS_ID: {}, _USERS_ID: {}}
        self._found[GROUPS.path] = {
            _ADMINS_ID: {"id": _ADMINS_ID, "displayName": ADMINS},
            _USERS_ID: {"id": _USERS_ID, "displayName": ALL_USERS},
        }
        for identity in self._first:
            kind, key = (SERVICE_PRINCIPALS, "applicationId") if identity.is_service_principal else (USERS, "userName")
            self._found[kind.path][identity.id] = _completed(
                kind, {"id": identity.id, key: identity.name, "displayName": identity.display_name}
            )
            self._members[_ADMINS_ID][identity.id] = None

    def identity(self, principal_id: str) -> Identity | None:
        """Return an active user or service principal, or None."""
        for kind in (USERS, SERVICE_PRINCIPALS):
            found = self._found[kind.path].get(principal_id)
            if found is not None and found["active"]:
                return Identity(
                    principal_id, found[kind.key], found["displayName"], is_service_principal=kind is SERVICE_PRINCIPALS
                )
        return None

    def by_name(self, name: str) -> Identity | None:
        """Return the active user or service principal with a user name or application id, or None."""
        for kind in (USERS, SERVICE_PRINCIPALS):
            for key, found in self._found[kind.path].items():
                if found[kind.key].casefold() == name.casefold():
                    return self.identity(key)
        return None

    def groups_of(self, principal_id: str) -> list[str]:
        """Return the names of the groups that a principal is in, through groups in groups too."""
        names, waiting, seen = [ALL_USERS], [principal_id], {principal_id}
        while waiting:
            member = waiting.pop()
            for group_id, members in self._members.items():
                if member in members and group_id not in seen:
                    seen.add(group_id)
                    waiting.append(group_id)
                    names.append(self._found[GROUPS.path][group_id]["displayName"])
        return names

    def is_admin(self, identity: Identity) -> bool:
        """Tell whether someone is an administrator of the workspace."""
        return ADMINS in self.groups_of(identity.id)

    def all(self, kind: Kind) -> list[Resource]:
        """Return the resources of a kind as they are shown."""
        return [self._shown(kind, resource) for resource in self._found[kind.path].values()]

    def get(self, kind: Kind, key: str) -> Resource:
        """Return a resource as it is shown.

        :raises ScimError: 404, there is none
        """
        found = self._found[kind.path].get(key)
        if found is None:
            raise ScimError(404, f"{kind.noun} with id {key} not found.")
        return self._shown(kind, found)

    def create(self, kind: Kind, values: Mapping[str, Any]) -> Resource:
        """Make a resource of checked attributes and return it as it is shown.

        :raises ScimError: 400 or 409, its name is missing or taken
        """
        key = str(self._ids.next())
        given = {name: value for name, value in values.items() if name not in ("id", "groups", "members")}
        if kind is SERVICE_PRINCIPALS:
            given.setdefault("applicationId", str(uuid.uuid5(uuid.NAMESPACE_OID, key)))
        self._check_key(kind, given, None)
        made = _completed(kind, {**given, "id": key})
        self._check_references(kind, values)
        self._found[kind.path][key] = made
        self._join(kind, key, values)
        return self._shown(kind, made)

    def replace(self, kind: Kind, key: str, values: Mapping[str, Any]) -> Resource:
        """Give a resource new attributes and return it as it is shown.

        :raises ScimError: it does not exist, or its name is missing or taken
        """
        present = self.get(kind, key)
        given = {name: value for name, value in values.items() if name not in ("id", "groups", "members")}
        if kind is SERVICE_PRINCIPALS:
            given["applicationId"] = present["applicationId"]
        self._check_key(kind, given, key)
        self._check_references(kind, values)
        self._found[kind.path][key] = _completed(kind, {**given, "id": key})
        if kind is GROUPS:
            self._members[key] = {}
        self._join(kind, key, values)
        return self.get(kind, key)

    def delete(self, kind: Kind, key: str) -> None:
        """Delete a resource; it leaves its groups.

        :raises ScimError: it does not exist, or every workspace has it
        """
        self.get(kind, key)
        if kind is GROUPS and key in (_ADMINS_ID, _USERS_ID):
            raise ScimError(400, "The groups admins and users cannot be deleted.", "mutability")
        del self._found[kind.path][key]
        self._members.pop(key, None)
        for members in self._members.values():
            members.pop(key, None)

    def _check_key(self, kind: Kind, values: Mapping[str, Any], present: str | None) -> None:
        name = values.get(kind.key)
        if not name:
            raise ScimError(400, f"Missing required attribute: {kind.key}", "invalidValue")
        if kind.form is not None and not re.fullmatch(kind.form, name):
            raise ScimError(400, f"{kind.key} of a {kind.noun} cannot be {name!r:.100}", "invalidValue")
        for key, other in self._found[kind.path].items():
            if key != present and other[kind.key].casefold() == name.casefold():
                raise ScimError(409, f"{kind.noun} with {kind.key} {name} already exists.", "uniqueness")

    def _check_references(self, kind: Kind, values: Mapping[str, Any]) -> None:
        everyone = {key for found in self._found.values() for key in found}
        known = everyone if kind is GROUPS else set(self._found[GROUPS.path])
        for item in values.get("members" if kind is GROUPS else "groups", ()):
            if item.get("value") not in known:
                raise ScimError(400, f"There is no principal with id {item.get('value')!r:.60}.", "invalidValue")

    def _join(self, kind: Kind, key: str, values: Mapping[str, Any]) -> None:
        if kind is GROUPS:
            self._members.setdefault(key, {}).update({item["value"]: None for item in values.get("members", ())})
        elif "groups" in values:
            wanted = {item["value"] for item in values["groups"]}
            for group_id, members in self._members.items():
                members.pop(key, None)
                if group_id in wanted:
                    members[key] = None

    def _shown(self, kind: Kind, resource: Resource) -> Resource:
        groups = [
            {"display": self._found[GROUPS.path][key]["displayName"], "type": "direct", "value": key}
            | {"$ref": f"Groups/{key}"}
            for key, members in self._members.items()
            if resource["id"] in members
        ]
        shown = {"schemas": [kind.schema], **resource, "groups": groups}
        if kind is GROUPS:
            members = [self._member(key) for key in self._members[resource["id"]]]
            shown |= {"members": members, "meta": {"resourceType": "WorkspaceGroup"}}
        return shown

    def _member(self, key: str) -> dict[str, str]:
        for kind in KINDS:
            found = self._found[kind.path].get(key)
            if found is not None:
                return {"display": found["displayName"], "value": key, "$ref": f"{kind.path}/{key}"}
        raise AssertionError(f"a group has the member {key}, whom nobody knows")


def _completed(kind: Kind, values: Resource) -> Resource:
    if kind is GROUPS:
        return values
    complete = {"active": True, "displayName": values[kind.key], **values}
    if kind is USERS:
        complete.setdefault("emails", [{"type": "work", "value": values["userName"], "primary": True}])
    return complete
