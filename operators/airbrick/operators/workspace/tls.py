"""Which certificates are trusted, and which proxies used: those that databricks-sdk signs in with."""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from airbrick.operators.errors import ConnectionSettingsError
from airbrick.operators.workspace.connection import ConnectionSettings

_VARIABLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""In the order ``requests``, which databricks-sdk signs in with, goes by; httpx knows the last one only."""


def trusted(conn_id: str, environ: Mapping[str, str] | None = None) -> ssl.SSLContext:
    """Load the trusted certificates: those the environment names, else httpx's own. Takes tens of milliseconds.

    :param conn_id: the connection they are for, for the error.
    :param environ: the environment; the process's own when left out.
    :raises ConnectionSettingsError: the file the environment names cannot be read.
    """
    environ = os.environ if environ is None else environ
    name = next((name for name in _VARIABLES if environ.get(name)), None)
    if name is None:
        return httpx.create_ssl_context()
    path = Path(environ[name])
    try:
        if path.is_dir():
            return ssl.create_default_context(capath=str(path))
        return ssl.create_default_context(cafile=str(path))
    except OSError as error:
        problem = f"names certificates in {path} that cannot be read ({error.strerror or error})"
        raise ConnectionSettingsError(conn_id, name, problem, fix="set it to a file of PEM certificates") from None


def mounts(proxies: Mapping[str, str], context: ssl.SSLContext) -> dict[str, httpx.HTTPTransport]:
    """Make transports through proxies.

    :param proxies: addresses by scheme; empty leaves the environment's in force.
    """
    return {
        f"{scheme}://": httpx.HTTPTransport(proxy=httpx.Proxy(url), verify=context) for scheme, url in proxies.items()
    }


def proxy_for(settings: ConnectionSettings) -> str | None:
    """Give the address of the proxy that leads to a workspace, as httpx finds it.

    :returns: ``None`` where none is needed.
    :raises ConnectionSettingsError: it is neither an HTTP nor an HTTPS proxy.
    """
    to = urlsplit(settings.host)
    if proxy_bypass(to.netloc):
        return None
    known = {**getproxies(), **settings.proxies}
    address = known.get(to.scheme) or known.get("all")
    if not address:
        return None
    address = address if "://" in address else f"http://{address}"
    if (scheme := urlsplit(address).scheme) not in {"http", "https"}:
        problem = f"is of the kind {scheme}, which a triggerer cannot use"
        raise ConnectionSettingsError(settings.conn_id, "proxy", problem, fix="name an HTTP proxy")
    return address
