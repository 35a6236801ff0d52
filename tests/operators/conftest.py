"""A real Airflow 3.3 with its own home and SQLite database, and a local Databricks workspace."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.operators.helpers import Job, api, provision
from tests.operators.tasks import Airflow
from tests.operators.waiting_clock import WaitingClock

from airbrick.emulator import Emulator

# Airflow reads its environment when it is first imported, so this stands before any import of it.
assert "airflow" not in sys.modules, "a module that is collected imports airflow: let its tests import it"
HOME = Path(tempfile.mkdtemp(prefix="airbrick-airflow-"))
DAGS = HOME / "dags"
DAGS.mkdir()
os.environ.update(
    {
        "AIRFLOW_HOME": str(HOME),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__CORE__FERNET_KEY": "",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME}/airflow.db",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
        "AIRFLOW__SECRETS__USE_CACHE": "False",
    }
)
for name in ("AIRBRICK_CONTRACT", "AIRBRICK_STACK"):
    os.environ.pop(name, None)

SPEED = 100.0
"""How much faster than real time the workspace's and the operators' time passes while something waits."""


def pytest_configure(config: pytest.Config) -> None:
    # Airflow's own in-process API server, not code of this repository.
    for line in (
        "ignore:Using `httpx` with `starlette.testclient` is deprecated",
        "ignore:The default value of `allowed_objects` will change:PendingDeprecationWarning",
    ):
        config.addinivalue_line("filterwarnings", line)


@pytest.fixture(scope="session", autouse=True)
def _remove_home() -> Iterator[None]:
    yield
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def _database() -> None:
    from airflow.utils.db import initdb

    initdb()


@pytest.fixture
def clock() -> WaitingClock:
    return WaitingClock(SPEED)


@pytest.fixture
def workspace(clock: WaitingClock) -> Iterator[Emulator]:
    with Emulator(clock=clock) as emulator:
        yield emulator


@pytest.fixture
def job(workspace: Emulator) -> Job:
    return provision(workspace, "nightly", parameters={"run_date": "", "région": "Île"})


@pytest.fixture
def warehouse(workspace: Emulator) -> str:
    """Give the id of a SQL warehouse."""
    (found, *_) = api(workspace, "GET", "/api/2.0/sql/warehouses")["warehouses"]
    name: str = found["id"]
    return name


@pytest.fixture
def airflow(
    _database: None, workspace: Emulator, clock: WaitingClock, job: Job, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Airflow]:
    """Airflow with a connection to the workspace, whose operators' waits pass as the workspace's time does."""
    from airbrick.operators.kill import KillSwitch
    from airbrick.operators.poller import registry

    def sleep(self: KillSwitch[Any], seconds: float) -> None:
        with clock.waiting():
            real_sleep(self, seconds / SPEED)

    real_sleep = KillSwitch.sleep
    monkeypatch.setattr(registry, "PollerClock", clock.of_poller)
    monkeypatch.setattr(KillSwitch, "sleep", sleep)
    driver = Airflow(DAGS, workspace, monkeypatch)
    driver.connect()
    driver.write_contract([job])
    yield driver
    driver.remove()
