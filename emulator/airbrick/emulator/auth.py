"""Who is asking: personal access tokens and OAuth tokens with an expiry."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airbrick.emulator.errors import not_found, unauthenticated

if TYPE_CHECKING:
    from airbrick.emulator.clock import Clock
    from airbrick.emulator.directory import Directory

PAT_LIFETIME_S = 90 * 24 * 3600.0


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
class Token:
    """A personal access token or an OAuth token, as far as it may be shown.

    :param principal_id: whom it stands for
    :param expires_s: moment on the emulator's clock; None for never
    """

    token_id: str
    principal_id: str
    created_s: float
    expires_s: float | None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """An OAuth secret of a service principal."""

    secret_id: str
    principal_id: str
    created_s: float
    value: str = field(repr=False)

    @property
    def value_hash(self) -> str:
        """What is shown in place of the value."""
        return hashlib.sha256(self.value.encode()).hexdigest()


class Tokens:
    """The credentials of one workspace.

    The first ones are made at random. Later ones are derived from them, so that a workspace which does the same
    things again hands out the same tokens.

    :param clock: decides when tokens expire
    :param token: personal access token, or None for a random one
    :param client_id: of the service principal, or None for a random one
    :param client_secret: of the service principal, or None for a random one
    :param oauth_ttl_s: real seconds that an OAuth token lives
    """

    def __init__(
        self,
        clock: Clock,
        *,
        token: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        oauth_ttl_s: float = 3600.0,
    ) -> None:
        self._clock = clock
        self.oauth_ttl_s = oauth_ttl_s
        self.token = token or "dapi" + secrets.token_hex(16)
        self.client_id = client_id or str(uuid.uuid4())
        self.client_secret = client_secret or "dose" + secrets.token_hex(16)
        self.user = Identity("100001", "engineer@example.com", "Engineer")
        self.service_principal = Identity("100002", self.client_id, "airbrick-automation", is_service_principal=True)
        self._grants: dict[str, Token] = {}
        self._count = 0
        self.clear()

    def clear(self) -> None:
        """Forget all credentials but the first ones; OAuth tokens stay valid until they expire."""
        now = self._clock.now()
        self._pats = {self.token: Token("first", self.user.id, now, None)}
        self._secrets = {"first": ClientSecret("first", self.service_principal.id, now, self.client_secret)}

    def grant(self, client_id: str, client_secret: str, directory: Directory) -> str | None:
        """Return a new OAuth token for a service principal, or None for wrong credentials."""
        principal = directory.by_name(client_id)
        found = None
        for secret in self._secrets.values():
            same = hmac.compare_digest(secret.value.encode(), client_secret.encode())
            if same and principal is not None and secret.principal_id == principal.id:
                found = principal
        if found is None:
            return None
        token = self._derive("eyJ")[1]
        now = self._clock.now()
        self._grants = {text: grant for text, grant in self._grants.items() if not _expired(grant, now)}
        self._grants[token] = Token("", found.id, now, now + self.oauth_ttl_s * self._clock.speed)
        return token

    def identify(self, authorization: str | None, directory: Directory) -> Identity:
        """Return who sent an ``Authorization`` header.

        :raises ApiError: 401, the header is missing, its token unknown or expired, or whom it stands for is gone
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise unauthenticated("Credential was not sent or was of an unsupported type for this API.")
        token = token.strip()
        found = self._pats.get(token) or self._grants.get(token)
        identity = None if found is None else directory.identity(found.principal_id)
        if found is None or identity is None:
            raise unauthenticated("Invalid access token.")
        if _expired(found, self._clock.now()):
            raise unauthenticated("Access token is expired.")
        return identity

    def knows(self, authorization: str | None) -> bool:
        """Tell whether an ``Authorization`` header carries a token of this workspace, be it expired or not."""
        scheme, _, token = (authorization or "").partition(" ")
        return scheme.lower() == "bearer" and (token.strip() in self._pats or token.strip() in self._grants)

    def create_pat(self, principal_id: str, comment: str, lifetime_s: float | None) -> tuple[str, Token]:
        """Make a personal access token and return it with its description.

        :param lifetime_s: emulated seconds; None for the longest
        """
        number, value = self._derive("dapi")
        now = self._clock.now()
        made = Token(number, principal_id, now, now + (lifetime_s or PAT_LIFETIME_S), comment)
        self._pats[value] = made
        return value, made

    def pats(self, principal_id: str) -> list[Token]:
        """Return the personal access tokens of a principal that did not expire."""
        now = self._clock.now()
        return [
            token for token in self._pats.values() if token.principal_id == principal_id and not _expired(token, now)
        ]

    def delete_pat(self, principal_id: str, token_id: str) -> None:
        """Revoke a personal access token.

        :raises ApiError: 404, the principal has none with the id
        """
        for value, token in self._pats.items():
            if token.token_id == token_id and token.principal_id == principal_id:
                del self._pats[value]
                return
        raise not_found(f"Token {token_id} does not exist.")

    def create_secret(self, principal_id: str) -> ClientSecret:
        """Make an OAuth secret for a service principal."""
        number, value = self._derive("dose")
        self._secrets[number] = made = ClientSecret(number, principal_id, self._clock.now(), value)
        return made

    def secrets_of(self, principal_id: str) -> list[ClientSecret]:
        """Return the OAuth secrets of a service principal."""
        return [secret for secret in self._secrets.values() if secret.principal_id == principal_id]

    def delete_secret(self, principal_id: str, secret_id: str) -> None:
        """Revoke an OAuth secret.

        :raises ApiError: 404, the service principal has none with the id
        """
        found = self._secrets.get(secret_id)
        if found is None or found.principal_id != principal_id:
            raise not_found(f"Secret {secret_id} does not exist.")
        del self._secrets[secret_id]

    def _derive(self, prefix: str) -> tuple[str, str]:
        self._count += 1
        key = f"{self.token}/{self.client_secret}".encode()
        digest = hmac.new(key, f"{prefix}/{self._count}".encode(), hashlib.sha256).hexdigest()
        return digest[32:], prefix + digest[:32]


def _expired(token: Token, now_s: float) -> bool:
    return token.expires_s is not None and now_s >= token.expires_s
