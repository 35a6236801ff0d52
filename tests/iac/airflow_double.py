"""The four connection endpoints of Airflow's REST API, as a real Airflow was seen to answer.

``test_engine_connection.py`` shows the same behaviours in a real Airflow.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MASK = "***"
SENSITIVE = ("token", "secret", "password")
Answer = tuple[int, Any]


@dataclass
class AirflowDouble:
    """Connections in memory.

    :param connections: as they are stored, secrets in clear.
    :param requests: method, path and body of what came in.
    :param faults: answers to give in place of the real one, by method; ``"drop"`` does the work and loses the answer.
    """

    endpoint: str = ""
    connections: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    faults: dict[str, list[Any]] = field(default_factory=dict)
    password: str = "pass-word"
    tokens: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, body: Any) -> Answer:
        connection_id = path.removeprefix("/api/v2/connections").removeprefix("/")
        if path == "/auth/token":
            return self._log_in(body)
        if method == "POST":
            if body["connection_id"] in self.connections:
                return 409, {"detail": {"reason": "Unique constraint violation"}}
            self.connections[body["connection_id"]] = body
            return 201, masked(body)
        if connection_id not in self.connections:
            return 404, {"detail": f"The Connection with connection_id: `{connection_id}` was not found"}
        if method == "PATCH":
            self.connections[connection_id] |= {key: value for key, value in body.items() if value != MASK}
        if method == "DELETE":
            del self.connections[connection_id]
            return 204, None
        return 200, masked(self.connections[connection_id])

    def writes(self) -> list[str]:
        return [method for method, path, _ in self.requests if method != "GET" and path != "/auth/token"]

    def _log_in(self, body: Mapping[str, str]) -> Answer:
        if body.get("password") != self.password:
            return 401, {"detail": "Invalid credentials"}
        self.tokens.append(f"jwt-{len(self.tokens)}")
        return 201, {"access_token": self.tokens[-1]}


def masked(connection: Mapping[str, Any]) -> dict[str, Any]:
    """Give a connection as Airflow shows it."""
    shown = {key: connection.get(key) for key in ("connection_id", "conn_type", "description", "host", "login")}
    shown |= {key: connection.get(key) for key in ("schema", "port", "team_name")}
    shown["password"] = None if connection.get("password") is None else MASK
    extra = json.loads(connection.get("extra") or "{}")
    hidden = {key: MASK if any(word in key for word in SENSITIVE) else value for key, value in extra.items()}
    return {**shown, "extra": json.dumps(hidden)}


@contextmanager
def running_airflow_double() -> Iterator[AirflowDouble]:
    """Serve a double on a free port."""
    double = AirflowDouble()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            double.requests.append((self.command, self.path, body))
            queue = double.faults.get(self.command, []) if self.path != "/auth/token" else []
            fault = queue.pop(0) if queue else None
            if self.path != "/auth/token" and self.headers.get("Authorization") != f"Bearer {double.tokens[-1]}":
                self._send(401, {"detail": "Invalid token"})
                return
            if isinstance(fault, tuple):
                self._send(*fault)
                return
            status, answer = double.answer(self.command, self.path, body)
            if fault == "drop":
                self.close_connection = True
                self.connection.close()
                return
            self._send(status, answer)

        def _send(self, status: int, answer: Any, headers: Mapping[str, str] | None = None) -> None:
            data = b"" if answer is None else answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_arguments: object) -> None:
            """Say nothing of connections that a fault cuts."""

    server = Server(("127.0.0.1", 0), Handler)
    double.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
