"""Everything that one run of the example needs, up and running: workspace, Airflow and engine.

The demo and the end-to-end test are built of these parts.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from tools.demo import workspace
from tools.demo.airflow import USERNAME, Airflow, AirflowApi
from tools.demo.errors import NoEngineError, ServiceError, UnexpectedError
from tools.demo.folder import REPOSITORY, RunFolder
from tools.demo.processes import Processes
from tools.demo.pulumi import Pulumi
from tools.engine.cli import get_engine
from tools.engine.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

STACK = "dev"
CONNECTION = "databricks_default"
DAG = "nightly_orders"
_UP_TIMEOUT_S = 300.0
_PARSE_TIMEOUT_S = 300.0
_POLL_S = 0.25
_Found = TypeVar("_Found")
# A demo never touches what its user's own settings name.
_FOREIGN = ("AIRBRICK_", "AIRFLOW_", "ARM_", "DATABRICKS_", "PULUMI_", "_AIRFLOW_")


@contextlib.contextmanager
def open_stage(root: Path, environ: Mapping[str, str]) -> Iterator[Stage]:
    """Lend an empty stage, and end every process of it at the end, whatever happens.

    :param root: folder for the run's files
    :param environ: the environment that programs inherit, but for settings that name other workspaces
    :raises DemoError: when the folder is in use, or there is no engine
    """
    folder = RunFolder(root)
    kept = {key: value for key, value in environ.items() if not key.startswith(_FOREIGN)}
    with folder.occupied() as run_id:
        processes = Processes(run_id, folder.logs)
        try:
            yield Stage(folder, processes, _engine(kept), kept)
        finally:
            processes.stop_all()


def _engine(environ: Mapping[str, str]) -> Path:
    try:
        return get_engine(environ, sys.stderr)
    except EngineError as error:
        raise NoEngineError(str(error)) from error


@dataclass
class Stage:
    """The parts of one run.

    :param folder: where the run keeps its files
    :param processes: every process of the run
    :param engine: folder that holds the Pulumi engine
    :param environ: what programs inherit, without settings that name other workspaces
    """

    folder: RunFolder
    processes: Processes
    engine: Path
    environ: Mapping[str, str]
    airflow: Airflow = field(init=False)
    passphrase: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    workspace: workspace.Workspace = field(init=False)
    api: AirflowApi = field(init=False)
    pulumi: Pulumi = field(init=False)

    def __post_init__(self) -> None:
        dags = self.folder.stack / "dags"
        self.airflow = Airflow(home=self.folder.work / "airflow", dags=dags, logs=self.folder.logs / "airflow")

    @property
    def contract(self) -> Path:
        """The contract file that `up` writes."""
        return self.folder.stack / "dags" / f"airbrick.contract.{STACK}.json"

    def secrets(self) -> tuple[str, ...]:
        """Give every secret of the run."""
        return (*self.airflow.secrets(), *self.workspace.secrets(), self.passphrase, self.api.token)

    def copy_stack(self) -> None:
        """Copy the example; its paths to the environment are relative to where it lies in the repository."""
        shutil.copytree(
            REPOSITORY / "stacks",
            self.folder.stack,
            ignore=shutil.ignore_patterns("airbrick.contract.*.json", "__pycache__"),
        )
        settings = self.folder.stack / "Pulumi.yaml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace("../.venv", sys.prefix), encoding="utf-8")

    def start_servers(self) -> None:
        """Start the workspace and Airflow, without its DAG processor: DAGs need the contract.

        :raises DemoError: when one does not come up
        """
        ready = workspace.start(self.processes, self.environ, self.folder.work, self.folder.data)
        environ = self.airflow.environ(self.environ)
        self.airflow.migrate(self.processes, environ)
        self.airflow.start(self.processes, environ, "api-server", "scheduler", "triggerer")
        self.workspace = self._wait("workspace", lambda: workspace.read(ready), _UP_TIMEOUT_S)
        self._wait("airflow-api-server", self.airflow.is_up, _UP_TIMEOUT_S)
        self.api = self.airflow.log_in()

    def start_dag_processor(self) -> None:
        """Start to parse DAGs.

        :raises ServiceError: when it does not start
        """
        self.airflow.start(self.processes, self.airflow.environ(self.environ), "dag-processor")

    def make_stack(self) -> None:
        """Make the stack and give it the service principal that Airflow runs jobs as.

        :raises CommandError: when the engine refuses
        """
        self.pulumi = Pulumi(
            self.processes, self.engine, self.folder.stack, self.folder.work / "pulumi", self.pulumi_environ()
        )
        self.pulumi.init(STACK)
        self.pulumi.set_config("client_id", self.workspace.client_id)
        self.pulumi.set_config("client_secret", self.workspace.client_secret, secret=True)

    def pulumi_environ(self) -> dict[str, str]:
        """Give the environment of `pulumi`: where everything is, and who we are there."""
        return {
            **self.environ,
            "PULUMI_CONFIG_PASSPHRASE": self.passphrase,
            "DATABRICKS_HOST": self.workspace.host,
            "DATABRICKS_CLIENT_ID": self.workspace.client_id,
            "DATABRICKS_CLIENT_SECRET": self.workspace.client_secret,
            "DATABRICKS_CONFIG_FILE": os.devnull,
            "AIRBRICK_AIRFLOW_ENDPOINT": self.airflow.url,
            "AIRBRICK_AIRFLOW_USERNAME": USERNAME,
            "AIRBRICK_AIRFLOW_PASSWORD": self.airflow.password,
        }

    def wait_for_dag(self, dag_id: str = DAG) -> dict[str, Any]:
        """Wait until a DAG is parsed.

        :raises UnexpectedError: when a DAG file has an error
        :raises ServiceError: when it is not parsed in time
        """

        def parsed() -> dict[str, Any] | None:
            if errors := self.api.import_errors():
                raise UnexpectedError("parsing the DAGs", "no error", errors[0].strip().splitlines()[-1])
            return self.api.dag(dag_id)

        return self._wait("airflow-dag-processor", parsed, _PARSE_TIMEOUT_S)

    def _wait(self, name: str, look: Callable[[], _Found | None], timeout_s: float) -> _Found:
        deadline_s = time.monotonic() + timeout_s
        while not (found := look()):
            self.processes.check()
            if time.monotonic() > deadline_s:
                log = self.processes.logs / f"{name}.log"
                raise ServiceError(name, f"is not ready after {timeout_s:.0f} s", log)
            time.sleep(_POLL_S)
        return found
