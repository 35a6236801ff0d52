"""JSON over HTTP to a server on this machine."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.error
import urllib.request
from typing import Any

from tools.demo.errors import ApiError

_TIMEOUT_S = 20.0
_SHOWN_CHARACTERS = 300
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
    """Find a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
