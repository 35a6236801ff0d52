"""Who is asking: personal access tokens and OAuth tokens with an expiry."""

from __future__ import annotations

import hmac
import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airbrick.emulator.errors import unauthenticated

if TYPE_CHECKING:
    from airbrick.emulator.clock import Clock


@dataclass(frozen=True, slots=True)
class Identity:
    """A user or a service principal.

    :param name: the user's e-mail address, or the service principal's application id
    """

    id: str
    name: str
    display_name: str
    is_service_principal: bool = False

    def run_as(self) -> dict[str, str]:
        """Return the identity in the form of a job's ``run_as``."""
        return {"service_principal_name" if self.is_service_principal else "user_name": self.name}


@dataclass(frozen=True, slots=True)
class _Grant:
    identity: Identity
    expires_s: float


class Tokens:
    """The credentials of one workspace, made at random for each emulator.

    :param clock: decides when OAuth tokens expire
    :param token: personal access token, or None for a random one
    :param oauth_ttl_s: real seconds that an OAuth token lives
    """

    def __init__(self, clock: Clock, *, token: str | None = None, oauth_ttl_s: float = 3600.0) -> None:
        self._clock = clock
        self.oauth_ttl_s = oauth_ttl_s
        self.token = token or "dapi" + secrets.token_hex(16)
        self.client_id = str(uuid.uuid4())
        self.client_secret = "dose" + secrets.token_hex(16)
        self.user = Identity("100001", "engineer@example.com", "Engineer")
        self.service_principal = Identity("100002", self.client_id, "airbrick-automation", is_service_principal=True)
        self._grants: dict[str, _Grant] = {}

    def grant(self, client_id: str, client_secret: str) -> str | None:
        """Return a new OAuth token for the service principal, or None for wrong credentials."""
        known = hmac.compare_digest(client_id.encode(), self.client_id.encode())
        if not (hmac.compare_digest(client_secret.encode(), self.client_secret.encode()) and known):
            return None
        token = "eyJ" + secrets.token_urlsafe(32)
        self._drop_expired()
        expires_s = self._clock.now() + self.oauth_ttl_s * self._clock.speed
        self._grants[token] = _Grant(self.service_principal, expires_s)
        return token

    def identify(self, authorization: str | None) -> Identity:
        """Return who sent an ``Authorization`` header.

        :raises ApiError: 401, the header is missing, its token unknown or expired
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise unauthenticated("Credential was not sent or was of an unsupported type for this API.")
        token = token.strip()
        if hmac.compare_digest(token.encode(), self.token.encode()):
            return self.user
        grant = self._grants.get(token)
        if grant is None:
            raise unauthenticated("Invalid access token.")
        if self._clock.now() >= grant.expires_s:
            raise unauthenticated("Access token is expired.")
        return grant.identity

    def _drop_expired(self) -> None:
        now = self._clock.now()
        self._grants = {token: grant for token, grant in self._grants.items() if grant.expires_s > now}
