"""A real Airflow, for its REST API."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests


@dataclass(frozen=True)
class RealAirflow:
    """Airflow's own API server on a database of its own.

    :param endpoint: its address.
    """

    endpoint: str
    username: str
    password: str

    def token(self) -> str:
        """Log in as the administrator."""
        log_in = {"username": self.username, "password": self.password}
        return str(requests.post(f"{self.endpoint}/auth/token", json=log_in, timeout=30).json()["access_token"])

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the REST API as the administrator."""
        headers = {"Authorization": f"Bearer {self.token()}"}
        answer = requests.request(method, f"{self.endpoint}/api/v2{path}", json=body, headers=headers, timeout=30)
        assert answer.status_code < 500, answer.text
        return answer.json() if answer.content else None


@contextmanager
def running_airflow(home: Path) -> Iterator[RealAirflow]:
    """Run Airflow's own API server, with its simple auth manager, on SQLite."""
    with socket.socket() as kept_port:
        # Nobody else gets the port while the database is made; Airflow's server may have it, as it sets this too.
        kept_port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept_port.bind(("127.0.0.1", 0))
        with _serving(home, kept_port.getsockname()[1]) as found:
            yield found


@contextmanager
def _serving(home: Path, port: int) -> Iterator[RealAirflow]:
    found = RealAirflow(f"http://127.0.0.1:{port}", "admin", "pass-word-7f3a")
    (home / "passwords.json").write_text(json.dumps({found.username: found.password}), encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AIRFLOW")}
    environ = kept | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{found.username}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__CORE__FERNET_KEY": "cBJMSmVjSBgtdxQQ2Qx5g4nAuUrRzKtSHVsqIzSwMWw=",
        "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": "a" * 64,
    }
    program = str(Path(sys.executable).with_name("airflow"))
    subprocess.run([program, "db", "migrate"], env=environ, capture_output=True, timeout=300, check=True)
    with (home / "api-server.log").open("wb") as log:
        command = [program, "api-server", "--host", "127.0.0.1", "--port", str(port)]
        server = subprocess.Popen(command, env=environ, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait_until_up(found.endpoint, server)
            yield found
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait(20)


def _wait_until_up(endpoint: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if requests.get(f"{endpoint}/api/v2/version", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.2)
    raise AssertionError("Airflow's API server does not come up")
