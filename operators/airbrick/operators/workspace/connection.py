"""What an Airflow connection of type ``databricks`` says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from airbrick.operators.errors import ConnectionSettingsError
from airbrick.operators.workspace.credentials import AuthKind, Credentials, read_credentials

CONN_TYPE: Final = "databricks"

# A key file, and a path that may have blanks.
_MANY_LINES: Final = frozenset({"google_credentials", "oidc_token_filepath"})
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """A connection, checked.

    :param host: address with scheme, in lower case, without default port or trailing slash.
    :param identity: names who signs in, without any secret; equal for connections that may share requests.
    :param salt: tells two Airflow deployments apart that share a workspace (extra ``airbrick_deployment``).
    :param proxies: proxies by scheme, from the extra; else the environment's are used. They may hold a password.
    """

    conn_id: str
    host: str
    credentials: Credentials
    identity: str
    salt: str = ""
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)


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

    The host may be a full URL or a name, with ``schema`` as its scheme and ``port`` beside it.

    :raises ConnectionSettingsError: the type is another, or host or credentials are missing or not supported.
    """
    if raw.conn_type != CONN_TYPE:
        raise ConnectionSettingsError(
            raw.conn_id, "conn_type", f"is {raw.conn_type!r}", fix=f"use a connection of type {CONN_TYPE!r}"
        )
    host = _host(raw)
    credentials = read_credentials(raw.conn_id, raw.login, raw.password, raw.extra)
    single_line = [text for name, text in credentials.options.items() if name not in _MANY_LINES]
    if any(not "!" <= character <= "~" for character in "".join(single_line)):
        problem = "hold a blank, a line break or another character that no token has"
        raise ConnectionSettingsError(raw.conn_id, "credentials", problem, fix="enter them again, without it")
    # Two tokens may belong to two people; a rotated token still belongs to the same connection.
    identity = f"{credentials.auth}:{credentials.principal or raw.conn_id}"
    salt = str(raw.extra.get("airbrick_deployment") or "")
    return ConnectionSettings(raw.conn_id, host, credentials, identity, salt, _proxies(raw, credentials.auth))


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
    if not parts.hostname or any(character.isspace() for character in parts.hostname):
        return ""
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown_port = "" if port is None or port == _DEFAULT_PORTS.get(parts.scheme) else f":{port}"
    return f"{parts.scheme.lower()}://{name}{shown_port}"


def _host(raw: RawConnection) -> str:
    # The official provider's hook takes the extra first, too.
    text = str(raw.extra.get("host") or raw.host or "").strip()
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


def _proxies(raw: RawConnection, auth: AuthKind) -> Mapping[str, str]:
    given = raw.extra.get("proxies")
    if not given:
        return {}
    if not isinstance(given, Mapping) or not all(
        scheme in _DEFAULT_PORTS and isinstance(url, str) and "://" in url for scheme, url in given.items()
    ):
        problem = "is not a mapping of http and https to addresses"
        raise ConnectionSettingsError(raw.conn_id, "extra 'proxies'", problem, fix='use {"https": "http://proxy:3128"}')
    if auth is not AuthKind.PAT:
        problem = "does not reach the sign-in, for which databricks-sdk knows the environment's proxies only"
        raise ConnectionSettingsError(raw.conn_id, "extra 'proxies'", problem, fix="set HTTPS_PROXY instead")
    return {str(scheme): str(url) for scheme, url in given.items()}
