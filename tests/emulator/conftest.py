from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest
from databricks.sdk import WorkspaceClient
from tests.emulator.helpers import Api
from tests.emulator.lab import Lab
from tests.emulator.provider.environment import running

from airbrick.emulator import Emulator, ManualClock

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def _clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def _server(_clock: ManualClock) -> Iterator[Emulator]:
    with Emulator(clock=_clock) as emulator:
        yield emulator


@pytest.fixture
def clock(_clock: ManualClock) -> ManualClock:
    return _clock


@pytest.fixture
def workspace(_server: Emulator) -> Emulator:
    _server.reset()
    return _server


@pytest.fixture
def client(workspace: Emulator) -> WorkspaceClient:
    return WorkspaceClient(host=workspace.host, token=workspace.token)


@pytest.fixture
def api(workspace: Emulator) -> Iterator[Api]:
    headers = {"Authorization": f"Bearer {workspace.token}"}
    with httpx.Client(base_url=workspace.host, headers=headers, timeout=60) as http:
        yield Api(http)


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Emulator(execute=True) as emulator:
        yield Lab(emulator, WorkspaceClient(host=emulator.host, token=emulator.token))


@pytest.fixture(scope="session")
def provider_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    with running(tmp_path_factory.mktemp("airflow")) as process:
        yield process
