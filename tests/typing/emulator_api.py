"""The public API of the emulator as people write it; it must type-check."""

from pathlib import Path
from typing import assert_type

import pytest

from airbrick.emulator import Emulator, ManualClock, RecordedRequest, SystemClock


def a_context_manager(folder: Path) -> None:
    with Emulator(clock=ManualClock(), tls_dir=folder, admin=False) as workspace:
        workspace.plan(job="nightly*", run_s=90, result="FAILED", error="no such table")
        workspace.fault("lost_ack", path="*/run-now", times=2)
        assert_type(workspace.advance(60), float)
        assert_type(workspace.requests(method="POST"), list[RecordedRequest])
        assert_type(workspace.environment(), dict[str, str])
        assert_type(workspace.ca_file, Path | None)
    with Emulator(clock=SystemClock(speed=60), execute=True) as workspace:
        workspace.wait_for_runs(timeout_s=5)


@pytest.mark.databricks_workspace(oauth_ttl_s=60)
def test_with_the_fixture(databricks_workspace: Emulator) -> None:
    assert_type(databricks_workspace.host, str)
    assert_type(databricks_workspace.token, str)
