"""Secret scopes: secrets by key, and who may do what with them.

Source: https://docs.databricks.com/aws/en/security/secrets/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from airbrick.emulator.errors import ApiError, invalid_parameter, not_found

MAX_SCOPES = 1_000
MAX_SECRETS = 1_000
MAX_VALUE_BYTES = 128 * 1024
# From the lowest to the highest.
PERMISSIONS = ("READ", "WRITE", "MANAGE")
_NAME = re.compile(r"[\w.@-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret.

    :param value: never shown in a representation
    :param updated_s: when it was put last
    """

    value: bytes = field(repr=False)
    updated_s: float


@dataclass(slots=True)
class SecretScope:
    """A secret scope.

    :param acls: permission by principal
    """

    name: str
    acls: dict[str, str]
    secrets: dict[str, Secret] = field(default_factory=dict)

    def put(self, key: str, value: bytes, now_s: float) -> None:
        """Put a secret, in place of one with the same key.

        :raises ApiError: 400, key or value is wrong, or the scope is full
        """
        check_name("key", key)
        if len(value) > MAX_VALUE_BYTES:
            raise invalid_parameter(f"The value of secret {key} must have at most {MAX_VALUE_BYTES} bytes.")
        if key not in self.secrets and len(self.secrets) >= MAX_SECRETS:
            raise _limit(f"Scope {self.name} has {MAX_SECRETS} secrets, the most that it can have.")
        self.secrets[key] = Secret(value, now_s)

    def get(self, key: str) -> Secret:
        """Return a secret.

        :raises ApiError: 404, there is none
        """
        found = self.secrets.get(key)
        if found is None:
            raise not_found(f"Secret does not exist with scope: {self.name} and key: {key}")
        return found

    def delete(self, key: str) -> None:
        """Delete a secret.

        :raises ApiError: 404, there is none
        """
        self.get(key)
        del self.secrets[key]

    def acl(self, principal: str) -> str:
        """Return a principal's permission.

        :raises ApiError: 404, it has none
        """
        permission = self.acls.get(principal)
        if permission is None:
            raise not_found(f"No ACL for principal {principal} on scope {self.name}.")
        return permission


@dataclass(slots=True)
class SecretBook:
    """The secret scopes of a workspace."""

    scopes: dict[str, SecretScope] = field(default_factory=dict)

    def create(self, name: str, manager: str) -> SecretScope:
        """Make a scope.

        :param manager: principal that may manage it
        :raises ApiError: 400, the name is wrong or taken, or there are too many scopes
        """
        check_name("scope", name)
        if name in self.scopes:
            raise ApiError(400, "RESOURCE_ALREADY_EXISTS", f"Scope {name} already exists!")
        if len(self.scopes) >= MAX_SCOPES:
            raise _limit(f"The workspace has {MAX_SCOPES} secret scopes, the most that it can have.")
        self.scopes[name] = scope = SecretScope(name, {manager: "MANAGE"})
        return scope

    def get(self, name: str) -> SecretScope:
        """Return a scope.

        :raises ApiError: 404, there is none
        """
        found = self.scopes.get(name)
        if found is None:
            raise not_found(f"Scope {name} does not exist!")
        return found

    def delete(self, name: str) -> None:
        """Delete a scope with its secrets.

        :raises ApiError: 404, there is none
        """
        self.get(name)
        del self.scopes[name]

    def clear(self) -> None:
        """Delete all scopes."""
        self.scopes.clear()


def check_name(field_name: str, name: str) -> None:
    """Check the name of a scope or a secret.

    :raises ApiError: 400, it has a character that it must not have, or too many
    """
    if not _NAME.fullmatch(name):
        raise invalid_parameter(f"{field_name} must have from 1 to 128 letters, digits, '-', '_', '@' and '.'")


def _limit(message: str) -> ApiError:
    return ApiError(400, "RESOURCE_LIMIT_EXCEEDED", message)
