"""Serves a workspace over HTTP, in a thread of this process."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from airbrick.emulator.errors import PortInUseError, StartError

if TYPE_CHECKING:
    from pathlib import Path

Application = Callable[[Any, Any, Any], Awaitable[None]]

_START_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 10.0
_GRACE_S = 1.0
_POLL_S = 0.002
_BACKLOG = 2048


class Connections:
    """The open connections by client address, so that a fault can cut one."""

    def __init__(self) -> None:
        self._transports: dict[Any, asyncio.Transport] = {}

    def cut(self, client: Any) -> None:  # noqa: ANN401 - an address of any family
        """Close a client's connection once what was written is sent."""
        transport = self._transports.get(tuple(client))
        if transport is not None:
            transport.close()

    def protocol(self) -> type[asyncio.Protocol]:
        """Return an HTTP protocol that keeps this book."""
        transports = self._transports

        class CuttableProtocol(HttpToolsProtocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                transports[transport.get_extra_info("peername")[:2]] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                if self.client is not None:
                    transports.pop(self.client, None)
                super().connection_lost(exc)

        return CuttableProtocol


class _Uvicorn(uvicorn.Server):
    """Waits for an event rather than for the time, so that stopping takes no time."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        if self._stop is not None:
            await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let open requests end; uvicorn itself would wait a tenth of a second even for none."""
        for server in self.servers:
            server.close()
        open_ones = self.server_state.connections
        for connection in list(open_ones):
            connection.shutdown()
        deadline_s = asyncio.get_running_loop().time() + _GRACE_S
        # uvicorn keeps a set of connections and tells nobody when one is done.
        while any(map(_is_busy, open_ones)) and asyncio.get_running_loop().time() < deadline_s:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)
        # Over TLS a client that is idle never answers the goodbye.
        for connection in list(open_ones):
            connection.transport.abort()
        await asyncio.sleep(_POLL_S)
        for task in self.server_state.tasks:
            task.cancel()
        for sock in sockets or []:
            sock.close()

    def stop(self) -> None:
        """Ask the server to stop, from any thread."""
        self.should_exit = True
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)


def _is_busy(connection: Any) -> bool:  # noqa: ANN401 - one of uvicorn's protocols
    transport: asyncio.Transport = connection.transport
    return not transport.is_closing() or transport.get_write_buffer_size() > 0


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    :param port: 0 for a free one
    :raises PortInUseError: the port is taken
    :raises StartError: the address is not one of this machine
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(host, port) from None
        raise StartError(f"cannot listen on {host} port {port}: {error.strerror or error}") from None
    except OverflowError:
        sock.close()
        raise StartError(f"cannot listen on port {port}: a port is a number from 0 to 65535") from None
    return sock


class Server:
    """An HTTP server in a thread.

    :param app: the ASGI application
    :param sock: a listening socket; closed with the server
    :param protocol: HTTP protocol class
    :param certificate: file with the key and the certificate for TLS; None for plain HTTP
    """

    def __init__(
        self,
        app: Application,
        sock: socket.socket,
        protocol: type[asyncio.Protocol],
        certificate: Path | None = None,
    ) -> None:
        config = uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            ssl_certfile=certificate,
            log_config=None,
            log_level="critical",
            access_log=False,
            date_header=False,
            server_header=False,
            proxy_headers=False,
            # A client that reuses a connection just as the server closes it sees a failure; real hosts wait long too.
            timeout_keep_alive=120,
        )
        self._sock = sock
        self._uvicorn = _Uvicorn(config)
        self._thread = threading.Thread(target=self._uvicorn.run, args=([sock],), name="airbrick-emulator", daemon=True)

    def start(self) -> None:
        """Start to serve.

        :raises StartError: the server did not come up
        """
        self._thread.start()
        if not self._uvicorn.ready.wait(_START_TIMEOUT_S):
            raise StartError("the emulator's HTTP server did not come up")

    def stop(self) -> None:
        """Stop to serve and close the socket."""
        self._uvicorn.stop()
        self._thread.join(_STOP_TIMEOUT_S)
        self._sock.close()
