"""Airflow as people run it: scheduler, DAG processor, triggerer and API server, each a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

_COMPONENTS = ("api-server", "dag-processor", "scheduler", "triggerer")
_START_S = 400.0
_T = TypeVar("_T")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def wait_for(look: Callable[[], _T | None], *, what: str, within_s: float = 400.0) -> _T:
    """Look again and again, in real time, until something is there."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if (found := look()) is not None:
            return found
        time.sleep(0.25)
    raise AssertionError(f"waited {within_s:.0f} s in vain: {what}")


def environment(home: Path, port: int, connections: Mapping[str, str]) -> dict[str, str]:
    """Give the processes' environment: SQLite, and heartbeats short enough for a test."""
    base = f"http://127.0.0.1:{port}"
    settings = {
        "CORE__DAGS_FOLDER": str(home / "dags"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "3",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__FERNET_KEY": "",
        "CORE__EXECUTION_API_SERVER_URL": f"{base}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__BASE_URL": base,
        "API__WORKERS": "1",
        "LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        "LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
        "API_AUTH__JWT_SECRET": "chaos" * 16,
        "API__SECRET_KEY": "chaos" * 16,
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
        "SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "TRIGGERER__JOB_HEARTBEAT_SEC": "2",
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "3600",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    return (
        inherited
        | {"AIRFLOW_HOME": str(home), "NO_PROXY": "127.0.0.1", "PYTHONWARNINGS": "ignore"}
        | {f"AIRFLOW__{name}": value for name, value in settings.items()}
        | {f"AIRFLOW_CONN_{name.upper()}": value for name, value in connections.items()}
    )


class AirflowProcesses:
    """A started Airflow, whose processes can be killed and started again."""

    def __init__(self, home: Path, connections: Mapping[str, str]) -> None:
        self.home = home
        self.port = free_port()
        self._env = environment(home, self.port, connections)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60.0, verify=False)

    def start(self) -> None:
        subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], env=self._env, check=True, stdout=-3)
        for component in _COMPONENTS:
            self.start_component(component)
        wait_for(self._signed_in, what="the API server answers", within_s=_START_S)

    def start_component(self, component: str) -> None:
        with (self.home / f"{component}.log").open("ab") as log:
            self._processes[component] = subprocess.Popen(
                [sys.executable, "-m", "airflow", component],
                env=self._env,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, component: str, number: signal.Signals) -> None:
        """Send a signal to a component, with its children where it is not to say goodbye."""
        process = self._processes.pop(component)
        if number is signal.SIGKILL:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        process.wait(60)

    def stop(self) -> None:
        for process in self._processes.values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)
        self._processes.clear()
        self._http.close()

    def call(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Ask Airflow's public API, as its page does; again, as people do, while its database is busy."""

        def answered() -> httpx.Response | None:
            answer = self._http.request(method, f"/api/v2/dags/{path}", json=body or None)
            return None if answer.is_server_error else answer

        answer = wait_for(answered, what=f"{method} {path} is answered")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def knows(self, dag_id: str) -> bool | None:
        answer = self._http.get(f"/api/v2/dags/{dag_id}")
        return True if answer.is_success else None

    def _signed_in(self) -> bool | None:
        try:
            answer = self._http.get("/auth/token")
        except httpx.HTTPError:
            return None
        if not answer.is_success:
            return None
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return True


@contextmanager
def started(home: Path, connections: Mapping[str, str]) -> Iterator[AirflowProcesses]:
    airflow = AirflowProcesses(home, connections)
    try:
        airflow.start()
        yield airflow
    finally:
        airflow.stop()
