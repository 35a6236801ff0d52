"""Who shares a poller: all triggers of an event loop that ask one workspace as one identity."""

import asyncio
import weakref
from collections.abc import Awaitable, Callable
from typing import Final

from airbrick.operators.poller.budget import RateBudget
from airbrick.operators.poller.clock import PollerClock
from airbrick.operators.poller.poller import Poller
from airbrick.operators.workspace.async_client import CONNECTION_TTL_S, AsyncWorkspaceClient
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.shared_connection import SharedConnection

ReadConnection = Callable[[str], Awaitable[ConnectionSettings]]


class Registry:
    """The pollers of one event loop.

    :param read: reads an Airflow connection by its id.
    """

    def __init__(self, *, read: ReadConnection, clock: PollerClock | None = None) -> None:
        self._read = read
        self._clock = clock or PollerClock()
        self._pollers: dict[tuple[str, str], tuple[Poller, SharedConnection]] = {}
        self._budgets: dict[str, RateBudget] = {}
        self._connections: dict[str, tuple[float, ConnectionSettings]] = {}
        self._reading: dict[str, asyncio.Lock] = {}

    @property
    def clock(self) -> PollerClock:
        """Give the clock all pollers of this loop share."""
        return self._clock

    async def poller(self, conn_id: str) -> Poller:
        """Give the poller for a connection, made when first needed.

        :raises AirflowConnectionError: the connection cannot be used.
        """
        settings = await self._settings(conn_id)
        key = (settings.host, settings.identity)
        if key not in self._pollers:
            shared = SharedConnection(*key, read=self._read)
            client = AsyncWorkspaceClient(
                settings.host,
                read=shared.read,
                refused=shared.turn,
                budget=self._budgets.setdefault(settings.host, RateBudget()),
                clock=self._clock,
            )
            self._pollers[key] = (Poller(client, clock=self._clock, on_idle=lambda: self._forget(key)), shared)
        poller, shared = self._pollers[key]
        shared.add(conn_id)
        return poller

    async def _settings(self, conn_id: str) -> ConnectionSettings:
        # A thousand triggers start at once: the connection is read once.
        async with self._reading.setdefault(conn_id, asyncio.Lock()):
            now = self._clock.monotonic()
            read_at, settings = self._connections.get(conn_id, (0.0, None))
            if settings is None or now - read_at > CONNECTION_TTL_S:
                settings = await self._read(conn_id)
                self._connections[conn_id] = (now, settings)
            return settings

    def _forget(self, key: tuple[str, str]) -> None:
        self._pollers.pop(key, None)


_registries: Final[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Registry]] = weakref.WeakKeyDictionary()


def registry_of_loop(read: ReadConnection) -> Registry:
    """Give the registry of the running event loop.

    :param read: reads an Airflow connection; used by the first who asks.
    """
    loop = asyncio.get_running_loop()
    if loop not in _registries:
        _import_what_connects()
        _registries[loop] = Registry(read=read)
    return _registries[loop]


def _import_what_connects() -> None:
    """Import what is needed first when runs are watched: that holds up the loop, even from a thread."""
    import aiohttp  # noqa: F401
    import databricks.sdk.core  # noqa: F401
