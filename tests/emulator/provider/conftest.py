from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.emulator.provider.environment import Provider, connection, running

from airbrick.emulator import Emulator


@pytest.fixture
def provider(provider_process: subprocess.Popen[str], workspace: Emulator) -> Provider:
    return Provider(provider_process, connection(workspace.host, workspace.token))


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
