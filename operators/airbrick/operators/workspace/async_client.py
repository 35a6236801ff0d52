"""The workspace as the triggerer calls it: from an event loop that must never block."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from airbrick.operators.errors import ApiError
from airbrick.operators.poller.budget import RateBudget
from airbrick.operators.poller.clock import PollerClock
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.sign_in import (
    HEADERS_TTL_S,
    SIGN_IN_ERRORS,
    SIGN_IN_TIMEOUT_S,
    SignedIn,
    sign_in,
    sign_in_error,
)
from airbrick.operators.workspace.threads import arun_bounded
from airbrick.operators.workspace.tls import trusted

if TYPE_CHECKING:
    from airbrick.operators.workspace.connections import Connections

CONNECTIONS_MAX: Final = 7
"""One more is that of databricks-sdk, which signs in."""

CONNECTION_TTL_S: Final = 600.0
"""How long an Airflow connection is used before it is read again, so that a rotated secret is seen."""


class AsyncWorkspaceClient:
    """A Databricks workspace, called from an event loop; shared by everything that watches its runs.

    Requests are not retried here, but for one new sign-in after a 401: whoever calls decides when to ask again.
    Signing in happens in a thread, and once for all that wait for it.

    Whoever calls uses it as a context manager meanwhile; the last to leave closes the connections.

    :param host: the workspace; it stays, even if the connection is changed to lead elsewhere.
    :param read: reads the Airflow connection.
    :param refused: told when what was read is not accepted, before it is read again.
    :param budget: the host's budget of requests.
    """

    def __init__(
        self,
        host: str,
        *,
        read: Callable[[], Awaitable[ConnectionSettings]],
        budget: RateBudget,
        clock: PollerClock,
        make: Callable[[ConnectionSettings], SignedIn] = sign_in,
        refused: Callable[[], None] = lambda: None,
    ) -> None:
        self.host = host
        self._read = read
        self._budget = budget
        self._clock = clock
        self._make = make
        self._refused = refused
        self._connections: Connections | None = None
        self._signed_in: SignedIn | None = None
        self._signed_in_at = 0.0
        self._headers: Mapping[str, str] | None = None
        self._headers_at = 0.0
        self._lock = asyncio.Lock()
        self._users = 0

    async def __aenter__(self) -> Self:
        """Use the client."""
        self._users += 1
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the client; nobody else's answers are cut."""
        self._users -= 1
        if self._users == 0:
            connections, self._connections = self._connections, None
            if connections is not None:
                await connections.aclose()

    async def call(self, call: wire.Call) -> dict[str, Any]:
        """Send a request and read its answer.

        :raises NotFoundError: what was asked for does not exist.
        :raises ApiError: the workspace refused, or could not be reached.
        """
        headers: Mapping[str, str] | None = None
        try:
            headers = await self._fresh_headers()
            return await self._send(call, headers)
        except ApiError as error:
            if error.status != HTTPStatus.UNAUTHORIZED:
                raise
        if headers is not None:
            await self._forget(headers)
        return await self._send(call, await self._fresh_headers())

    async def _send(self, call: wire.Call, headers: Mapping[str, str]) -> dict[str, Any]:
        await self._clock.sleep(self._budget.reserve(self._clock.monotonic()))
        connections = await self._connected()
        while (pause_s := self._budget.paused_s(self._clock.monotonic())) > 0:
            await self._clock.sleep(pause_s)
        try:
            return await connections.send(call, headers)
        except ApiError as error:
            if error.retry_after_s is not None:
                self._budget.pause(self._clock.monotonic() + error.retry_after_s)
            raise

    async def _connected(self) -> "Connections":
        async with self._lock:
            if self._connections is None:
                from airbrick.operators.workspace.connections import Connections

                assert self._signed_in is not None  # noqa: S101 -- nothing is sent before
                settings = self._signed_in.settings
                # Loading the certificates takes tens of milliseconds: not in the loop.
                certificates = await asyncio.to_thread(trusted, settings.conn_id)
                self._connections = Connections(settings, certificates, at_once=CONNECTIONS_MAX)
            return self._connections

    async def _fresh_headers(self) -> Mapping[str, str]:
        async with self._lock:
            now = self._clock.monotonic()
            if self._signed_in is None or now - self._signed_in_at > CONNECTION_TTL_S:
                settings = await self._read()
                if settings.host != self.host:
                    raise ApiError(
                        f"connection {settings.conn_id!r}",
                        status=None,
                        message=f"leads to {settings.host} now, but the run is in {self.host}",
                    )
                if self._signed_in is None or settings != self._signed_in.settings:
                    self._signed_in = await self._in_thread(lambda: self._make(settings))
                    self._headers = None
                self._signed_in_at = now
            if self._headers is None or now - self._headers_at > HEADERS_TTL_S:
                self._headers = dict(await self._in_thread(self._signed_in.headers))
                self._headers_at = now
            return self._headers

    async def _forget(self, headers: Mapping[str, str]) -> None:
        async with self._lock:
            # Another request may have renewed them meanwhile.
            if self._headers is headers:
                self._refuse()

    def _refuse(self) -> None:
        self._signed_in = self._headers = None
        self._refused()

    async def _in_thread(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401 -- whatever the work returns
        try:
            return await arun_bounded(work, SIGN_IN_TIMEOUT_S)
        except SIGN_IN_ERRORS as error:
            failed = sign_in_error(self.host, error)
            if failed.status == HTTPStatus.UNAUTHORIZED:
                self._refuse()
            raise failed from None
