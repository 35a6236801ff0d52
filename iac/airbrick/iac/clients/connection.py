"""Connections to one host, kept open.

What the environment says of proxies and certificates is asked once, as requests asks it: requests itself asks anew for
each request, which takes it longer than the request. Loads requests, so import it when there is something to send.
"""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, BinaryIO, Final
from urllib.parse import urlencode

import requests
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.errors.platform import ERROR_CODE_MAPPING, STATUS_CODE_MAPPING, NotFound, PermissionDenied
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, HTTPConnectionPool

_MOST_AT_ONCE: Final = 32
_THROTTLED: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_PRIVATE_LINK: Final = "private-link-validation-error"
"""Source: databricks-sdk, ``databricks/sdk/errors/private_link.py``."""

_CODE_IN_TEXT: Final = re.compile(r"([A-Z_]+): (.*)")
_TITLE: Final = re.compile(r"<(pre|title)>(.*?)</\1>", re.DOTALL)


class Connection(HTTPAdapter):
    """A host, as the environment lets it be reached.

    :param host: its address, with the scheme.
    :param timeout_s: how long it may take to connect, and to send anything.
    :raises OSError: there is no file where the environment says that the certificates are.
    """

    def __init__(self, host: str, *, timeout_s: float) -> None:
        super().__init__(pool_maxsize=_MOST_AT_ONCE)
        found: Any = requests.Session().merge_environment_settings(host, {}, None, None, None)
        root = requests.Request("GET", f"{host}/").prepare()
        pool: Any = self.get_connection_with_tls_context(root, found["verify"], found["proxies"], found["cert"])
        self.cert_verify(pool, host, found["verify"], found["cert"])  # type: ignore[no-untyped-call]
        self._connections: HTTPConnectionPool = pool
        # A proxy that is spoken to in plain text wants the whole address.
        self._root = self.request_url(root, found["proxies"]).rstrip("/")
        self._timeout_s = timeout_s

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any],
        headers: Mapping[str, str],
        body: bytes | BinaryIO | None,
    ) -> dict[str, Any]:
        """Send a request once, and give its answer in JSON; nothing is an empty object.

        :raises DatabricksError: the host refused.
        :raises urllib3.exceptions.HTTPError: there is no answer.
        :raises ValueError: the answer is no JSON.
        """
        target = f"{self._root}{path}?{urlencode(query)}" if query else f"{self._root}{path}"
        answer = self._connections.urlopen(
            method,
            target,
            body=body,
            headers=headers,
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=self._timeout_s,
        )
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise _refusal(answer)
        return json.loads(answer.data) or {} if answer.data else {}


def _refusal(answer: BaseHTTPResponse) -> DatabricksError:
    """Give a refusal as databricks-sdk tells them apart."""
    if answer.status < HTTPStatus.BAD_REQUEST:
        place, _, query = answer.headers.get("Location", "").partition("?")
        if _PRIVATE_LINK in query:
            return PermissionDenied("the workspace is open to its private link only, not to this network")
        return NotFound(f"it sends us on to {place or 'nowhere'}")
    code, message = _told(answer)
    kind = ERROR_CODE_MAPPING.get(code) or STATUS_CODE_MAPPING.get(answer.status, DatabricksError)
    wait = answer.headers.get("Retry-After", "") if answer.status in _THROTTLED else None
    retry_after_s = None if wait is None else int(wait) if wait.isdecimal() else 1
    return kind(message, error_code=code or None, retry_after_secs=retry_after_s)


def _told(answer: BaseHTTPResponse) -> tuple[str, str]:
    """Give the error's code and message."""
    reason = answer.reason or "no reason given"
    try:
        told = json.loads(answer.data)
    except ValueError:
        text = answer.data.decode(errors="replace")
        if found := _CODE_IN_TEXT.match(text):
            return found[1], found[2]
        return "", found[2] if (found := _TITLE.search(text)) else reason
    if not isinstance(told, Mapping):
        return "", reason
    message = next((told[name] for name in ("detail", "error", "message") if told.get(name)), reason)
    return str(told.get("error_code") or ""), str(message)
