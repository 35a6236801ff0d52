from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from databricks.sdk import WorkspaceClient

from airbrick.emulator import Emulator, ManualClock

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def workspace(clock: ManualClock) -> Iterator[Emulator]:
    with Emulator(clock=clock) as emulator:
        yield emulator


@pytest.fixture
def client(workspace: Emulator) -> WorkspaceClient:
    return WorkspaceClient(host=workspace.host, token=workspace.token)
