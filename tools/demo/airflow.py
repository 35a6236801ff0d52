"""A real Airflow on this machine: SQLite, its four servers on the loopback address, and its REST API."""

from __future__ import annotations

import base64
import json
import secrets
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tools.demo.errors import ApiError
from tools.demo.folder import write_private
from tools.demo.http import call, free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.demo.processes import Processes

USERNAME = "admin"
_MIGRATE_TIMEOUT_S = 300.0
_API = "/api/v2"


@dataclass(frozen=True)
class Airflow:
    """One Airflow.

    :param home: its AIRFLOW_HOME
    :param dags: folder with the DAGs
    :param logs: folder for its task logs
    :param port: port of its web server, on the loopback address
    """

    home: Path
    dags: Path
    logs: Path
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    fernet_key: str = field(default_factory=lambda: _key(32), repr=False)
    jwt_secret: str = field(default_factory=lambda: _key(64), repr=False)
    session_key: str = field(default_factory=lambda: _key(32), repr=False)

    @property
    def url(self) -> str:
        """Address of the web server."""
        return f"http://127.0.0.1:{self.port}"

    def secrets(self) -> tuple[str, ...]:
        """Give what must be found nowhere but here and in the environments of its processes."""
        return (self.password, self.fernet_key, self.jwt_secret, self.session_key)

    def environ(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Environment of Airflow's programs.

        :param inherited: the environment to start from; settings of another Airflow are dropped
        """
        settings = {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "2",
            "AIRFLOW__CORE__FERNET_KEY": self.fernet_key,
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USERNAME}:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.home / "passwords.json"),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.home / 'airflow.db'}",
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.logs),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__SECRET_KEY": self.session_key,
            "AIRFLOW__API_AUTH__JWT_SECRET": self.jwt_secret,
            # The demo triggers the run itself; the schedule would add another.
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "NO_COLOR": "1",
        }
        kept = {key: value for key, value in inherited.items() if not key.startswith(("AIRFLOW_", "_AIRFLOW_"))}
        return kept | settings

    def migrate(self, processes: Processes, environ: Mapping[str, str]) -> None:
        """Make the database.

        :raises CommandError: when it cannot be made
        """
        self.home.mkdir(parents=True, exist_ok=True)
        # Airflow would make a password of its own and print it.
        write_private(self.home / "passwords.json", json.dumps({USERNAME: self.password}))
        processes.run(
            "airflow-migrate", [program("airflow"), "db", "migrate"],
            environ=environ, cwd=self.home, timeout_s=_MIGRATE_TIMEOUT_S,
        )  # fmt: skip

    def start(self, processes: Processes, environ: Mapping[str, str], *components: str) -> None:
        """Start some of Airflow's servers.

        :param components: their sub-commands, such as ``api-server``
        :raises ServiceError: when one does not start
        """
        # Airflow's log servers listen on every address; the web server reads the same files itself.
        alone = {"scheduler": ["--skip-serve-logs"], "triggerer": ["--skip-serve-logs"]}
        for component in components:
            command = [program("airflow"), component, *alone.get(component, [])]
            processes.start(f"airflow-{component}", command, environ=environ, cwd=self.home)

    def is_up(self) -> bool:
        """Tell whether the web server answers."""
        try:
            call("GET", f"{self.url}{_API}/version")
        except ApiError:
            return False
        return True

    def log_in(self) -> AirflowApi:
        """Open the REST API.

        :raises ApiError: when it refuses
        """
        body = {"username": USERNAME, "password": self.password}
        answer = call("POST", f"{self.url}/auth/token", body=body)
        return AirflowApi(self.url, answer["access_token"])


@dataclass(frozen=True)
class AirflowApi:
    """The REST API, as the administrator.

    :param url: address of the web server
    """

    url: str
    token: str = field(repr=False)

    def health(self) -> Mapping[str, str]:
        """Status of each of Airflow's parts."""
        parts = call("GET", f"{self.url}{_API}/monitor/health")
        return {name: part["status"] or "unknown" for name, part in parts.items()}

    def dag(self, dag_id: str) -> dict[str, Any] | None:
        """One DAG; None until it is parsed."""
        try:
            answer: dict[str, Any] = self._call("GET", f"/dags/{quote(dag_id)}")
        except ApiError as error:
            if error.status != 404:  # noqa: PLR2004 - Not Found
                raise
            return None
        return answer

    def import_errors(self) -> list[str]:
        """Give what is wrong with DAG files."""
        return [error["stack_trace"] for error in self._call("GET", "/importErrors")["import_errors"]]

    def unpause(self, dag_id: str) -> None:
        """Let a DAG run."""
        self._call("PATCH", f"/dags/{quote(dag_id)}", {"is_paused": False})

    def trigger(self, dag_id: str, logical_date: str) -> str:
        """Start a run.

        :param logical_date: day and time the run is for
        :return: the run's id
        """
        run_id: str = self._call("POST", f"/dags/{quote(dag_id)}/dagRuns", {"logical_date": logical_date})["dag_run_id"]
        return run_id

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """One run."""
        answer: dict[str, Any] = self._call("GET", _run(dag_id, run_id))
        return answer

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """Every run of a DAG."""
        answer: list[dict[str, Any]] = self._call("GET", f"/dags/{quote(dag_id)}/dagRuns")["dag_runs"]
        return answer

    def task(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any]:
        """One task of a run."""
        answer: dict[str, Any] = self._call("GET", f"{_run(dag_id, run_id)}/taskInstances/{quote(task_id)}")
        return answer

    def xcom(self, dag_id: str, run_id: str, task_id: str, key: str) -> Any:  # noqa: ANN401 - whatever the task gave
        """Give a value that a task returned or pushed."""
        place = f"{_run(dag_id, run_id)}/taskInstances/{quote(task_id)}/xcomEntries/{quote(key)}?deserialize=true"
        return self._call("GET", place)["value"]

    def connections(self) -> list[dict[str, Any]]:
        """Every connection; Airflow masks their secrets."""
        answer: list[dict[str, Any]] = self._call("GET", "/connections")["connections"]
        return answer

    def _call(self, method: str, place: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        return call(method, f"{self.url}{_API}{place}", body=body, token=self.token)


def program(name: str) -> str:
    """Path of a program of this Python's environment."""
    return str(Path(sys.executable).parent / name)


def _run(dag_id: str, run_id: str) -> str:
    return f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}"


def _key(size_bytes: int) -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(size_bytes)).decode()
