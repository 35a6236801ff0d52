"""``pulumi up`` of a hundred jobs that changes nothing, against a provider that does nothing."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from airbrick.emulator import Emulator
from bench.table import compare, report

HERE = Path(__file__).parent
PROVIDERS = ("airbrick", "nothing")


class Stack:
    """A Pulumi project of its own for one provider, on a file backend."""

    def __init__(self, folder: Path, provider: str, host: str, token: str) -> None:
        self._project = folder / provider
        self._project.mkdir()
        plugins = self._project / "plugins"
        plugins.mkdir()
        (plugins / "pulumi-resource-airbrick").symlink_to(Path(sys.executable).parent / "pulumi-resource-airbrick")
        nothing = plugins / "pulumi-resource-nothing"
        nothing.write_text(f"#!/bin/sh\nexec {sys.executable} {HERE / 'nothing.py'}\n")
        nothing.chmod(0o755)
        shutil.copy(HERE / "program.py", self._project / "__main__.py")
        (self._project / "Pulumi.yaml").write_text(json.dumps(self._settings()))
        state = folder / f"state-{provider}"
        state.mkdir()
        self._environment = {
            **os.environ,
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        self._pulumi("stack", "init", "bench")
        self._pulumi("config", "set", "bench:provider", provider)
        self._pulumi("config", "set", "airbrick:host", host)
        self._pulumi("config", "set", "--secret", "airbrick:token", stdin=token)
        self._pulumi("up", "--yes", "--skip-preview")

    def no_op_s(self) -> float:
        """Give the seconds of an ``up`` that changes nothing."""
        start = time.perf_counter()
        said = self._pulumi("up", "--yes", "--skip-preview")
        taken_s = time.perf_counter() - start
        if "unchanged" not in said or "created" in said or "updated" in said:
            raise RuntimeError(f"not a no-op:\n{said}")
        return taken_s

    def _settings(self) -> dict[str, object]:
        virtualenv = str(Path(sys.executable).parents[1])
        return {
            "name": "bench",
            "runtime": {"name": "python", "options": {"toolchain": "pip", "virtualenv": virtualenv}},
            "plugins": {"providers": [{"name": name, "path": "plugins"} for name in PROVIDERS]},
        }

    def _pulumi(self, *arguments: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self._project,
            env=self._environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"pulumi {arguments[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout


def run() -> None:
    """Measure both providers in turn."""
    with tempfile.TemporaryDirectory() as folder, Emulator() as workspace:
        ours, floor = (Stack(Path(folder), provider, workspace.host, workspace.token) for provider in PROVIDERS)
        report(
            "noop_up",
            [
                compare(
                    "pulumi up of 100 unchanged jobs",
                    ours=("airbrick, reading every job", ours.no_op_s),
                    other=("a provider that does nothing", floor.no_op_s),
                    rounds=5,
                )
            ],
        )
