"""JSON over HTTP to a server on this machine."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import socket
import urllib.error
import urllib.request
from typing import Any

from tools.demo.errors import ApiError

_TIMEOUT_S = 20.0
_SHOWN_CHARACTERS = 300
# Below those that systems give to connections and to port 0, and that Kubernetes gives to services.
# Source: Linux, /proc/sys/net/ipv4/ip_local_port_range: 32768 to 60999 unless changed; other systems begin at 49152.
_PORTS = range(20_000, 30_000)
_TRIES = 100
# A proxy must not be asked for a loopback address.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(method: str, url: str, *, body: object = None, token: str = "") -> Any:  # noqa: ANN401 - JSON
    """Send a request and read the JSON answer.

    :param method: HTTP method
    :param url: address, without credentials
    :param body: what to send as JSON
    :param token: bearer token
    :raises ApiError: when the server refuses, does not answer or answers with something else than JSON
    """
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310 - loopback only
    place = f"{method} {url}"
    try:
        with _OPENER.open(request, timeout=_TIMEOUT_S) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            detail = error.read().decode(errors="replace")[:_SHOWN_CHARACTERS]
        raise ApiError(place, error.code, detail) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ApiError(place, 0, str(getattr(error, "reason", error))) from None


def free_port() -> int:
    """Find a loopback port that nobody listens on, and that no connection gets by chance.

    :raises OSError: when every port that was tried is in use
    """
    for port in random.sample(_PORTS, _TRIES):
        with socket.socket() as probe, contextlib.suppress(OSError):
            # As servers do: connections that have just ended do not keep a port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError(f"no loopback port is free among {_TRIES} tried between {_PORTS.start} and {_PORTS.stop}")
