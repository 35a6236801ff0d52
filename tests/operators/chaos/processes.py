"""Airflow as people run it: scheduler, DAG processor, triggerer and API server, each a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil
from tests.emulator.provider.environment import CACHE
from tools.demo.http import free_port

_START_S = 400.0
_EXIT_S = 60.0
_LOGS = ("WORKER", "TRIGGER")
_T = TypeVar("_T")


class RefusedError(Exception):
    """Airflow's public API refused a request."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What an Airflow consists of, by default what fits one small machine.

    :param settings: of its configuration, ``SECTION__KEY``.
    :param components: the commands of its processes.
    :param later: components that do not start with the others.
    :param packages: folders of further packages; what the tests' own environment has comes first.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    components: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: {name: (name,) for name in ("api-server", "dag-processor", "scheduler", "triggerer")}
    )
    later: frozenset[str] = frozenset()
    packages: tuple[Path, ...] = ()


def wait_for(look: Callable[[], _T | None], *, what: str, within_s: float = 400.0) -> _T:
    """Look again and again, in real time, until something is there."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if (found := look()) is not None:
            return found
        time.sleep(0.25)
    raise AssertionError(f"waited {within_s:.0f} s in vain: {what}")


def environment(home: Path, port: int, deployment: Deployment, connections: Mapping[str, str]) -> dict[str, str]:
    """Give the processes' environment: by default SQLite, and heartbeats short enough for a test.

    What lies in the home's folder ``path`` can be imported by all of them.
    """
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
        "API__MAXIMUM_PAGE_LIMIT": "1000",
        "API_AUTH__JWT_SECRET": "chaos" * 16,
        "API__SECRET_KEY": "chaos" * 16,
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
        "SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        # A scheduler that was killed is dead after the one, and its tasks are looked for after the other.
        "SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "30",
        "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "15",
        "TRIGGERER__JOB_HEARTBEAT_SEC": "2",
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "3600",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",
    }
    settings |= deployment.settings
    ours = ("AIRFLOW", "PYTHONDONTWRITEBYTECODE")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return (
        inherited
        | {"AIRFLOW_HOME": str(home), "NO_PROXY": "127.0.0.1", "PYTHONWARNINGS": "ignore"}
        # Each task is a process that imports thousands of modules: they are compiled once.
        | {"PYTHONPATH": str(home / "path"), "PYTHONPYCACHEPREFIX": str(CACHE / "pycache")}
        | {f"AIRFLOW__{name}": value for name, value in settings.items()}
        | {f"AIRFLOW_CONN_{name.upper()}": value for name, value in connections.items()}
    )


def _signal_all(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal a process with all that it started; tasks are sessions of their own."""
    with suppress(psutil.NoSuchProcess):
        found = psutil.Process(process.pid)
        for each in (found, *found.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                each.send_signal(number)


class AirflowProcesses:
    """A started Airflow, whose processes can be killed and started again."""

    def __init__(self, home: Path, deployment: Deployment, connections: Mapping[str, str]) -> None:
        self.home = home
        self.port = free_port()
        self._commands = deployment.components
        self._later = deployment.later
        self._env = environment(home, self.port, deployment, connections)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._left: list[subprocess.Popen[bytes]] = []
        self._children: list[psutil.Process] = []
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60.0, verify=False)

    def start(self) -> None:
        subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], env=self._env, check=True, stdout=-3)
        for component in self._commands:
            if component not in self._later:
                self.start_component(component)
        wait_for(self._signed_in, what="the API server answers", within_s=_START_S)

    def start_component(self, component: str) -> None:
        """Start a component, unless it is there."""
        if component in self._processes:
            return
        with (self.home / f"{component}.log").open("ab") as log:
            self._processes[component] = subprocess.Popen(
                [sys.executable, "-m", "airflow", *self._commands[component]],
                # Two of a kind serve their logs side by side.
                env=self._env | {f"AIRFLOW__LOGGING__{kind}_LOG_SERVER_PORT": str(free_port()) for kind in _LOGS},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def signal(self, component: str, number: signal.Signals, *, alone: bool = False) -> subprocess.Popen[bytes]:
        """Send a signal to a component; a kill takes its children along.

        :param alone: whether its children outlive a kill.
        """
        process = self._processes.pop(component)
        with suppress(psutil.NoSuchProcess):
            self._children += psutil.Process(process.pid).children(recursive=True)
        if number is signal.SIGKILL and not alone:
            _signal_all(process, number)
        else:
            process.send_signal(number)
        self._left.append(process)
        return process

    def revive(self) -> None:
        """Start again what ended by itself, as service managers do."""
        for component, process in list(self._processes.items()):
            if process.poll() is not None:
                self._left.append(self._processes.pop(component))
                self.start_component(component)

    def stand_still(self, component: str, seconds: float) -> None:
        """Let a component and its children stand still for a while."""
        process = self._processes[component]
        _signal_all(process, signal.SIGSTOP)
        time.sleep(seconds)
        _signal_all(process, signal.SIGCONT)
        time.sleep(seconds / 2)

    def wait_until_up(self, component: str) -> None:
        """Wait until a component says that it is well; of two of a kind, until one does."""
        kind = self._commands[component][0]

        def well() -> bool | None:
            found = self.ask("GET", "monitor/health").get(kind) or {}
            return True if found.get("status") == "healthy" else None

        wait_for(well, what=f"{component} is up")
        time.sleep(10)

    def wait_for_exit(self, process: subprocess.Popen[bytes]) -> None:
        """Wait as long as service managers do; then kill it."""
        try:
            process.wait(_EXIT_S)
        except subprocess.TimeoutExpired:
            _signal_all(process, signal.SIGKILL)
            process.wait(_EXIT_S)

    def stop(self) -> None:
        for process in (*self._processes.values(), *self._left):
            _signal_all(process, signal.SIGKILL)
            process.wait(_EXIT_S)
        for child in self._children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        self._processes.clear()
        self._http.close()

    def call(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Ask Airflow's public API about a DAG, as its page does."""
        return self.ask(method, f"dags/{path}", **body)

    def ask(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Ask Airflow's public API; again, as people do, while it is away or its database is busy.

        :raises RefusedError: it answers, and will not.
        """

        def answered() -> httpx.Response | None:
            self.revive()
            try:
                answer = self._http.request(method, f"/api/v2/{path}", json=body or None)
            except httpx.TransportError:
                return None
            return None if answer.is_server_error else answer

        answer = wait_for(answered, what=f"{method} {path} is answered")
        if not answer.is_success:
            raise RefusedError(f"{method} {path}: {answer.status_code} {answer.text}")
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    def knows(self, dag_id: str) -> bool | None:
        answer = self._http.get(f"/api/v2/dags/{dag_id}")
        return True if answer.is_success else None

    def states(self, dag_ids: Sequence[str]) -> dict[tuple[str, str], str | None]:
        """Give the states of all tasks of some DAGs, by DAG and dag run."""
        page = self.call("POST", "~/dagRuns/~/taskInstances/list", dag_ids=list(dag_ids), page_limit=1000)
        return {(task["dag_id"], task["dag_run_id"]): task["state"] for task in page["task_instances"]}

    def heard_of_end(self, dag_id: str, run_id: str) -> bool:
        """Tell whether the scheduler has heard that the process of the task's last attempt has ended.

        It tells attempts apart by run_id and number: if it hears only when the dag run was deleted and made again, it
        takes the news for that of the new attempt, and fails it.
        """
        ended = self.call("GET", f"{dag_id}/dagRuns/{run_id}/taskInstances/etl")["end_date"]
        log = (self.home / "scheduler.log").read_text(encoding="utf-8", errors="replace")
        heard = [
            line for line in log.splitlines() if "Received executor event" in line and f"dag_id='{dag_id}'" in line
        ]
        return bool(heard) and datetime.fromisoformat(heard[-1].split()[0]) >= datetime.fromisoformat(ended)

    def _signed_in(self) -> bool | None:
        self.revive()
        try:
            answer = self._http.get("/auth/token")
        except httpx.HTTPError:
            return None
        if not answer.is_success:
            return None
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return True


@contextmanager
def started(home: Path, deployment: Deployment, connections: Mapping[str, str]) -> Iterator[AirflowProcesses]:
    airflow = AirflowProcesses(home, deployment, connections)
    packages = [str(folder) for folder in deployment.packages]
    (home / "path" / "sitecustomize.py").write_text(f"import sys\nsys.path += {packages!r}\n")
    try:
        airflow.start()
        yield airflow
    finally:
        airflow.stop()
