from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.emulator.provider.environment import Provider, connection, start

from airbrick.emulator import Emulator


@contextmanager
def running(home: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    try:
        process = start(home, environment)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"needs the packages of requirements/provider.txt: {getattr(error, 'stderr', None) or error}")
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def _process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    with running(tmp_path_factory.mktemp("airflow")) as process:
        yield process


@pytest.fixture
def provider(_process: subprocess.Popen[str], workspace: Emulator) -> Provider:
    return Provider(_process, connection(workspace, workspace.token))


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[Provider, Emulator]]:
    """The provider as a service principal of a workspace that speaks TLS."""
    with Emulator(tls_dir=tmp_path / "tls") as emulator:
        address = urlsplit(emulator.host)
        values = {
            "conn_type": "databricks",
            "host": f"localhost:{address.port}",
            "login": emulator.client_id,
            "password": emulator.client_secret,
            "extra": {"service_principal_oauth": True},
        }
        with running(tmp_path, **emulator.environment()) as process:
            yield Provider(process, {"AIRFLOW_CONN_DATABRICKS_DEFAULT": json.dumps(values)}), emulator
