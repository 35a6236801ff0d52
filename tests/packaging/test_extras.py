"""Each extra alone in a fresh environment: it brings what its part imports, and no other part's dependencies."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOREIGN = ["airflow", "pulumi", "uvicorn", "pygls", "databricks", "httpx", "aiohttp"]

CASES = {
    "": ("airbrick.cli, airbrick.contract, airbrick.lint.commands.lint", set()),
    "iac": ("airbrick.iac, airbrick.iac.provider.server", {"pulumi", "databricks"}),
    "operators": (
        "airbrick.operators; from airbrick.operators import RunNowOperator",
        {"airflow", "databricks", "httpx", "aiohttp", "uvicorn"},
    ),
    "emulator": ("airbrick.emulator.cli, airbrick.emulator.emulator", {"uvicorn"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("extra", CASES)
def test_an_extra_alone_brings_what_its_part_needs(extra: str, tmp_path: Path) -> None:
    imports, brought = CASES[extra]
    uv = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    python = tmp_path / "venv" / "bin" / "python"
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path / "airflow"), "AIRFLOW__CORE__LOAD_EXAMPLES": "false"}
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(tmp_path / "venv")], check=True)
    wanted = f"{ROOT}[{extra}]" if extra else str(ROOT)
    subprocess.run(
        [
            uv,
            "pip",
            "install",
            "--quiet",
            "--python",
            str(python),
            "--constraint",
            str(unhashed_locks(tmp_path)),
            wanted,
        ],
        check=True,
    )
    code = (
        "import importlib.util\n"
        f"import {imports}\n"
        f"print(*[name for name in {FOREIGN!r} if importlib.util.find_spec(name)])"
    )
    result = subprocess.run(
        [str(python), "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert set(result.stdout.splitlines()[-1].split()) == brought


def unhashed_locks(folder: Path) -> Path:
    """Give the locked versions as constraints; hashes would demand one for airbrick itself."""
    locked = (ROOT / "requirements" / "dev.txt").read_text().splitlines()
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(line.removesuffix(" \\") for line in locked if line[:1].isalnum()) + "\n")
    return constraints
