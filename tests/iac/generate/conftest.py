from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from airbrick.emulator import Emulator


@pytest.fixture
def signed_in(workspace: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the command find the workspace, and nothing else of whoever runs the tests."""
    monkeypatch.setenv("DATABRICKS_HOST", workspace.host)
    monkeypatch.setenv("DATABRICKS_TOKEN", workspace.token)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
