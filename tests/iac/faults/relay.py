"""A relay in front of a real HTTP server that makes answers go wrong, by the emulator's own fault rules."""

from __future__ import annotations

import json
import socket
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import requests

from airbrick.emulator.faults import FaultBook, FaultRule, read_fault

if TYPE_CHECKING:
    from types import TracebackType


@dataclass(frozen=True, slots=True)
class Relayed:
    """One request that came in, and the fault that hit it."""

    at_s: float
    method: str
    path: str
    fault: str | None


class Relay:
    """Passes requests on.

    :param upstream: address of the real server.
    """

    def __init__(self, upstream: str, now_s: Any) -> None:
        self.upstream = upstream
        self.now_s = now_s
        self.book = FaultBook()
        self.log: list[Relayed] = []
        self.lock = threading.Lock()
        self.released = threading.Event()
        relay = self

        class Handler(_Handler):
            owner = relay

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])
        self.host = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def fault(self, preset: str | None, /, **values: Any) -> None:
        with self.lock:
            self.book.add(read_fault(preset, values))

    def forget(self) -> None:
        with self.lock:
            self.book.clear()
            self.log.clear()

    def requests(self) -> list[Relayed]:
        with self.lock:
            return list(self.log)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that ended: a killed provider's does at any time."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    owner: Relay
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, relay = urlsplit(self.path).path, self.owner
        with relay.lock:
            rule = relay.book.hit(self.command, path)
            relay_before = rule is not None and rule.when == "before"
            if relay_before or rule is None:
                relay.log.append(Relayed(relay.now_s(), self.command, path, rule.name if rule else None))
        if rule is not None and relay_before and not rule.passes:
            self._spoil(rule, b"{}")
            return
        answer = requests.request(
            self.command, relay.upstream + self.path, data=body, headers=self._kept(), timeout=60, allow_redirects=False
        )
        if rule is not None and not relay_before:
            # Only now: who watches for the fault may count on the effect.
            with relay.lock:
                relay.log.append(Relayed(relay.now_s(), self.command, path, rule.name))
        if rule is None:
            self._send(answer.status_code, answer.content)
        elif rule.passes:
            relay.released.wait(rule.delay_s)
            with suppress(OSError):
                self._send(answer.status_code, answer.content)
        else:
            self._spoil(rule, answer.content)

    do_POST = do_PATCH = do_DELETE = do_PUT = do_GET  # noqa: N815 - the base class's names

    def _kept(self) -> dict[str, str]:
        return {key: value for key, value in self.headers.items() if key in ("Authorization", "Content-Type")}

    def _spoil(self, rule: FaultRule, body: bytes) -> None:
        if rule.drop == "none":
            given = json.dumps(rule.answer()) if rule.text is None else rule.text
            self._send(rule.status or 500, given.encode(), retry_after_s=rule.retry_after_s)
            return
        if rule.drop == "mid_body":
            self._send(200, body[: len(body) // 2], promised=max(len(body), 2))
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, status: int, body: bytes, *, promised: int | None = None, retry_after_s: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status != requests.codes.no_content:
            self.send_header("Content-Length", str(len(body) if promised is None else promised))
        if retry_after_s is not None:
            self.send_header("Retry-After", str(retry_after_s))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
