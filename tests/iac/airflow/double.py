"""Connections, variables and pools of Airflow's REST API, as a real Airflow was seen to answer.

``test_engine_connection.py`` shows the same behaviours in a real Airflow.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from tests.iac.wire import Wire

from airbrick.iac.values import Secret

MASK = "***"
SENSITIVE = ("token", "secret", "password")
Answer = tuple[int, Any]
KEYS = {"connections": "connection_id", "variables": "key", "pools": "name"}
FIELDS = {
    "connections": {
        "connection_id", "conn_type", "description", "host", "login", "schema", "port", "password", "extra", "team_name"
    },
    "variables": {"key", "value", "description", "team_name"},
    "pools": {"name", "slots", "description", "include_deferred", "team_name"},
}  # fmt: skip


@dataclass
class AirflowDouble:
    """Objects in memory.

    :param connections: as they are stored, secrets in clear; so are ``variables`` and ``pools``.
    :param requests: method, path and body of what came in.
    :param faults: answers to give in place of the real one, by method; ``"drop"`` does the work and loses the answer.
    """

    endpoint: str = ""
    connections: dict[str, dict[str, Any]] = field(default_factory=dict)
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)
    pools: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    faults: dict[str, list[Any]] = field(default_factory=dict)
    password: str = "pass-word"
    tokens: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, body: Any) -> Answer:
        if path == "/auth/token":
            return self._log_in(body)
        collection, _, key = unquote(path.removeprefix("/api/v2/")).partition("/")
        if unknown := set(body or {}) - FIELDS[collection]:
            return 422, {
                "detail": [{"loc": ["body", name], "msg": "Extra inputs are not permitted"} for name in unknown]
            }
        if method == "POST":
            return self._make(collection, body)
        return self._use(method, collection, key, body)

    def _make(self, collection: str, body: dict[str, Any]) -> Answer:
        stored, key = getattr(self, collection), body[KEYS[collection]]
        if key in stored:
            return 409, {"detail": {"reason": "Unique constraint violation"}}
        stored[key] = body
        return 201, masked(collection, body)

    def _use(self, method: str, collection: str, key: str, body: Any) -> Answer:
        stored = getattr(self, collection)
        if key not in stored:
            noun = collection.removesuffix("s").capitalize()
            return 404, {"detail": f"The {noun} with {KEYS[collection]}: `{key}` was not found"}
        if method == "PATCH":
            stored[key] |= {name: value for name, value in body.items() if value != MASK}
        if method == "DELETE":
            del stored[key]
            return 204, None
        return 200, masked(collection, stored[key])

    def writes(self) -> list[str]:
        return [method for method, path, _ in self.requests if method != "GET" and path != "/auth/token"]

    def _log_in(self, body: Mapping[str, str]) -> Answer:
        if body.get("password") != self.password:
            return 401, {"detail": "Invalid credentials"}
        self.tokens.append(f"jwt-{len(self.tokens)}")
        return 201, {"access_token": self.tokens[-1]}


def masked(collection: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Give an object as Airflow shows it."""
    shown = {name: stored.get(name) for name in FIELDS[collection]}
    if collection == "connections":
        shown["password"] = None if stored.get("password") is None else MASK
        shown["extra"] = json.dumps(hidden(json.loads(stored.get("extra") or "{}")))
    if collection == "variables":
        shown["value"] = masked_value(stored["key"], stored["value"])
    return shown


def masked_value(key: str, value: str) -> str:
    """Give a Variable's value as Airflow shows it: JSON in its own spacing, secrets masked."""
    if any(word in key for word in SENSITIVE):
        return MASK
    try:
        return json.dumps(hidden(json.loads(value)))
    except ValueError:
        return value


def hidden(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        key: MASK if any(word in key for word in SENSITIVE) and item is not None else hidden(item)
        for key, item in value.items()
    }


def configure(wire: Wire, airflow: AirflowDouble, **more: Any) -> None:
    given = {"airflow_endpoint": airflow.endpoint + "/", "airflow_username": "admin"}
    wire.configure(**{**given, "airflow_password": Secret(airflow.password), **more})


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
