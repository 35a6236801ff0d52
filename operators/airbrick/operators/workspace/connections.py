"""Connections from an event loop to a workspace, kept open between requests.

aiohttp sends them: a request takes it a sixth of the processor time that httpx takes, and a triggerer that watches
thousands of runs does little else. Its import takes a tenth of a second, so that only who sends imports this.
"""

import json
import ssl
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from airbrick.operators.workspace import wire
from airbrick.operators.workspace.client import CONNECT_TIMEOUT_S, TIMEOUT_S, USER_AGENT
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.tls import proxy_for

_TIMEOUT: Final = aiohttp.ClientTimeout(connect=TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S, sock_read=TIMEOUT_S)
_HEADER_MAX_BYTES: Final = 64 * 1024
# A header that cannot be sent is a ValueError.
_NO_ANSWER: Final = (aiohttp.ClientError, TimeoutError, ValueError)


class Connections:
    """The open connections to one workspace; made inside the event loop that uses them.

    :param trusted: the certificates to trust.
    :param at_once: how many may be open.
    :raises ConnectionSettingsError: the proxy to use is of a kind that is not supported.
    """

    def __init__(self, settings: ConnectionSettings, trusted: ssl.SSLContext, *, at_once: int) -> None:
        self._host = settings.host
        proxy = proxy_for(settings)
        address = None if proxy is None else URL(proxy)
        password = None if address is None else aiohttp.BasicAuth.from_url(address, encoding="utf-8")
        told = {} if password is None else {"Proxy-Authorization": password.encode()}
        # A tunnel to an HTTPS host is asked for by a request of its own, whose headers the host never sees.
        tunnel = settings.host.startswith("https:")
        self._proxy_headers = told if tunnel else None
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=at_once, ssl=trusted),
            headers={"User-Agent": USER_AGENT, **({} if tunnel else told)},
            timeout=_TIMEOUT,
            # Errors name the proxy, and must not name its password.
            proxy=None if address is None else address.with_user(None),
            max_line_size=_HEADER_MAX_BYTES,
            max_field_size=_HEADER_MAX_BYTES,
        )

    async def send(self, call: wire.Call, headers: Mapping[str, str]) -> dict[str, Any]:
        """Send a request and read its answer.

        :raises NotFoundError: what was asked for does not exist.
        :raises ApiError: the workspace refused, or no whole answer came.
        """
        query = f"?{urlencode(call.params)}" if call.params else ""
        body = None
        if call.body is not None:
            body = json.dumps(call.body, allow_nan=False).encode()
            headers = {**headers, "Content-Type": "application/json"}
        try:
            async with self._session.request(
                call.method,
                URL(f"{self._host}{call.path}{query}", encoded=True),
                headers=headers,
                data=body,
                proxy_headers=self._proxy_headers,
                allow_redirects=False,
            ) as answer:
                content = await answer.read()
        except _NO_ANSWER as error:
            raise wire.transport_error(call, error) from None
        return wire.read_answer(call, answer.status, answer.headers, content)

    async def aclose(self) -> None:
        """Close them all."""
        await self._session.close()
