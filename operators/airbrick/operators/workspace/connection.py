"""What an Airflow connection of type ``databricks`` says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from airbrick.operators.errors import ConnectionSettingsError

CONN_TYPE: Final = "databricks"

_UNSUPPORTED: Final = (
    "azure_tenant_id",
    "use_azure_managed_identity",
    "use_default_azure_credential",
    "azure_resource_id",
    "federated_k8s",
)
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_FIX_AUTH: Final = (
    "put a personal access token into the password, or the service principal's client id and secret into login "
    'and password with {"service_principal_oauth": true} in the extra'
)


class AuthKind(StrEnum):
    """How a connection signs in; the values are databricks-sdk's ``auth_type``."""

    PAT = "pat"
    OAUTH_M2M = "oauth-m2m"


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """A connection, checked.

    :param host: address with scheme, in lower case, without default port or trailing slash.
    :param identity: names who signs in, without any secret; equal for connections that may share requests.
    :param salt: tells two Airflow deployments apart that share a workspace (extra ``airbrick_deployment``).
    """

    conn_id: str
    host: str
    auth: AuthKind
    identity: str
    client_id: str = ""
    secret: str = field(default="", repr=False)
    salt: str = ""


@dataclass(frozen=True, slots=True)
class RawConnection:
    """The fields of an Airflow connection, as they stand there."""

    conn_id: str
    conn_type: str | None = None
    host: str | None = None
    schema: str | None = None
    port: int | None = None
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


def read_settings(raw: RawConnection) -> ConnectionSettings:
    """Check a connection.

    The host may be a full URL or a name, with ``schema`` as its scheme and ``port`` beside it. The secret is a
    personal access token (password, or ``token`` in the extra) or a service principal's (login and password,
    with ``service_principal_oauth`` in the extra), as the official Databricks provider reads them.

    :raises ConnectionSettingsError: the type is another, or host or credentials are missing or not supported.
    """
    if raw.conn_type != CONN_TYPE:
        raise ConnectionSettingsError(
            raw.conn_id, "conn_type", f"is {raw.conn_type!r}", fix=f"use a connection of type {CONN_TYPE!r}"
        )
    host = _host(raw)
    auth, client_id, secret = _credentials(raw)
    if any(not "!" <= character <= "~" for character in client_id + secret):
        problem = "hold a blank, a line break or another character that no token has"
        raise ConnectionSettingsError(raw.conn_id, "credentials", problem, fix="enter them again, without it")
    # Two tokens may belong to two people; a rotated token still belongs to the same connection.
    identity = f"{auth}:{client_id or raw.conn_id}"
    salt = str(raw.extra.get("airbrick_deployment") or "")
    return ConnectionSettings(raw.conn_id, host, auth, identity, client_id, secret, salt)


def normal_host(address: str) -> str:
    """Write a workspace's address in the one way it is compared in.

    :param address: with or without scheme, port, path or trailing slash.
    :returns: empty when there is no host name in it.
    """
    text = address.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
    except ValueError:
        return ""
    if not parts.hostname:
        return ""
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown_port = "" if port is None or port == _DEFAULT_PORTS.get(parts.scheme) else f":{port}"
    return f"{parts.scheme.lower()}://{name}{shown_port}"


def _host(raw: RawConnection) -> str:
    text = (raw.host or "").strip()
    if text and "://" not in text:
        text = f"{raw.schema or 'https'}://{text}"
    host = normal_host(text) if text else ""
    # Airflow keeps the port apart even when the host is a full URL.
    if host and raw.port and urlsplit(host).port is None:
        host = normal_host(f"{host}:{raw.port}")
    if not host:
        raise ConnectionSettingsError(
            raw.conn_id, "host", "is missing or is no address", fix="set it to the workspace, such as https://…"
        )
    if urlsplit(host).scheme not in _DEFAULT_PORTS:
        raise ConnectionSettingsError(raw.conn_id, "schema", "is neither https nor http", fix="leave it empty")
    return host


def _credentials(raw: RawConnection) -> tuple[AuthKind, str, str]:
    for name in _UNSUPPORTED:
        if raw.extra.get(name):
            raise ConnectionSettingsError(raw.conn_id, f"extra {name!r}", "is not supported", fix=_FIX_AUTH)
    if raw.extra.get("service_principal_oauth"):
        if not raw.login or not raw.password:
            raise ConnectionSettingsError(
                raw.conn_id,
                "login" if not raw.login else "password",
                "is missing for service_principal_oauth",
                fix="set login to the client id and password to the client secret",
            )
        return AuthKind.OAUTH_M2M, raw.login, raw.password
    token = raw.extra.get("token") or ("" if raw.login and raw.login != "token" else raw.password)
    if not token:
        problem = "signs in with name and password, which Databricks no longer accepts" if raw.login else "is missing"
        raise ConnectionSettingsError(raw.conn_id, "credentials", problem, fix=_FIX_AUTH)
    return AuthKind.PAT, "", str(token)
