import os
import subprocess
import sys
from pathlib import Path

import pytest
from tools.demo.errors import BusyError
from tools.demo.folder import RunFolder, write_private
from tools.demo.processes import MARK


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "demo")


def test_logs_and_data_stay_and_credentials_go(folder: RunFolder) -> None:
    with folder.occupied():
        for place in (folder.logs, folder.data, folder.work):
            write_private(place / "file", "text")
    assert (folder.logs / "file").exists()
    assert (folder.data / "file").exists()
    assert not folder.work.exists()


def test_credentials_go_after_a_failure_too(folder: RunFolder) -> None:
    def fail() -> None:
        with folder.occupied():
            write_private(folder.work / "file", "text")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert not folder.work.exists()


def test_a_run_starts_empty(folder: RunFolder) -> None:
    with folder.occupied():
        write_private(folder.logs / "old", "text")
    with folder.occupied():
        assert list(folder.logs.iterdir()) == []


def test_only_its_owner_can_look_inside(folder: RunFolder) -> None:
    with folder.occupied():
        write_private(folder.work / "file", "text")
        modes = {path.stat().st_mode & 0o077 for path in (folder.root, folder.work, folder.work / "file")}
    assert modes == {0}


def test_two_runs_cannot_share_a_folder(folder: RunFolder) -> None:
    with folder.occupied(), pytest.raises(BusyError, match="another demo is running in"), folder.occupied():
        pass


def test_what_a_killed_run_left_is_ended_first(folder: RunFolder) -> None:
    folder.root.mkdir()
    (folder.root / "run-id").write_text("killed-run", encoding="utf-8")
    environ = {**os.environ, MARK: "killed-run"}
    command = [sys.executable, "-I", "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(command, env=environ) as left, folder.occupied() as run_id:
        assert run_id != "killed-run"
        left.wait(timeout=60)
