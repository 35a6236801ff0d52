import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.engine.helpers import write_engine

TOOL = Path(__file__).resolve().parents[2] / "tools" / "engine"


def run(environ: dict[str, str], *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """As a Makefile does: an interpreter without any of our packages, from any folder."""
    return subprocess.run(
        [sys.executable, "-I", str(TOOL), *arguments],
        env=environ, cwd=cwd, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_prints_the_folder_alone(tmp_path: Path) -> None:
    folder = write_engine(tmp_path / "bin")
    done = run({"PATH": str(folder), "HOME": str(tmp_path)}, "ensure", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{folder}\n", "")


def test_a_machine_without_an_engine_gets_one_clear_message(tmp_path: Path) -> None:
    environ = {
        "PATH": str(tmp_path),
        "HOME": str(tmp_path),
        # Nothing listens here: the release and the package index cannot be reached.
        "https_proxy": "http://127.0.0.1:9",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
    }
    done = run(environ, "ensure", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    message = done.stderr[done.stderr.index("error:") :]
    for way in ("1. PATH:", "2. official release:", "3. build from Go modules:"):
        assert way in message
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("arguments", "said"), [((), "required: COMMAND"), (("install",), "choose from")])
def test_a_wrong_command_is_a_usage_error(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = run({"PATH": "", "HOME": str(tmp_path)}, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
