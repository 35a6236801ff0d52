"""Messages to the user, through the engine: a plugin's own output is hidden."""

import contextlib
import threading
from typing import Final

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

_TIMEOUT_S: Final = 10


class EngineLog:
    """The engine's log service.

    A message is an aid: when the engine cannot be reached the work goes on without it.

    :param address: the engine's address; empty when there is none, as in tests.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._channel: grpc.Channel | None = None
        self._said: set[tuple[str, str]] = set()

    def warning(self, urn: str, message: str) -> None:
        """Show a warning; each message once for a resource."""
        self._send(engine_pb2.WARNING, urn, message)

    def info(self, urn: str, message: str) -> None:
        """Show a message; each message once for a resource."""
        self._send(engine_pb2.INFO, urn, message)

    def close(self) -> None:
        """Close the channel."""
        with self._lock:
            if self._channel is not None:
                self._channel.close()
                self._channel = None

    def _send(self, severity: engine_pb2.LogSeverity.ValueType, urn: str, message: str) -> None:
        with self._lock:
            if not self._address or (urn, message) in self._said:
                return
            self._said.add((urn, message))
            if self._channel is None:
                self._channel = grpc.insecure_channel(self._address)
            stub = engine_pb2_grpc.EngineStub(self._channel)
        with contextlib.suppress(grpc.RpcError):
            stub.Log(engine_pb2.LogRequest(severity=severity, message=message, urn=urn), timeout=_TIMEOUT_S)
