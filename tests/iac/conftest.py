"""What the tests of provisioning share."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from databricks.sdk import WorkspaceClient
from tests.iac.mocked import Seen, mocked_engine
from tests.iac.project import Project
from tests.iac.real_airflow import RealAirflow, running_airflow
from tests.iac.wire import Wire, running_provider

from airbrick.emulator import Emulator
from airbrick.iac.values import Secret

ROOT = Path(__file__).parents[2]
PASSPHRASE = "correct horse"


@pytest.fixture(scope="session")
def engine_folder() -> Path:
    """The folder of ``pulumi`` and its Python language host."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "engine"), "ensure"],
        capture_output=True,
        text=True,
        timeout=900,
        check=True,
    )
    return Path(done.stdout.strip())


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealAirflow]:
    """A real Airflow; its tests share one by the group ``airflow``."""
    with running_airflow(tmp_path_factory.mktemp("airflow")) as found:
        yield found


@pytest.fixture
def run() -> Iterator[Callable[..., Seen]]:
    """Run a program and give what it registered."""
    with mocked_engine() as run_program:
        yield run_program


@pytest.fixture
def wire() -> Iterator[Wire]:
    with running_provider() as found:
        yield found


@pytest.fixture
def provider(wire: Wire, workspace: Emulator) -> Wire:
    """A provider configured for the emulator."""
    wire.configure(host=workspace.host, token=Secret(workspace.token))
    return wire


@pytest.fixture
def next_provider(workspace: Emulator) -> Iterator[Wire]:
    """The provider of the next `up`, which has not seen what the first one did."""
    with running_provider() as found:
        found.configure(host=workspace.host, token=Secret(workspace.token))
        yield found


@pytest.fixture
def client(workspace: Emulator) -> WorkspaceClient:
    return WorkspaceClient(host=workspace.host, token=workspace.token)


@pytest.fixture
def workspace() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def project(tmp_path: Path, engine_folder: Path, workspace: Emulator) -> Project:
    folder = tmp_path / "orders"
    folder.mkdir()
    (tmp_path / "state").mkdir()
    plugin = Path(sys.executable).parent
    (folder / "Pulumi.yaml").write_text(
        f"""name: orders
runtime:
  name: python
  options:
    virtualenv: {Path(sys.prefix)}
plugins:
  providers:
    - name: airbrick
      path: {plugin}
""",
        encoding="utf-8",
    )
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI", "DATABRICKS", "AIRBRICK"))}
    environ = kept | {
        "PATH": f"{engine_folder}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "HOME": str(tmp_path),
    }
    made = Project(folder, environ)
    made.run("stack", "init", "dev")
    made.config(host=workspace.host, token=workspace.token)
    return made
