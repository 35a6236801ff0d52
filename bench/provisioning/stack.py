"""A Pulumi project of its own for one provider, on a file backend."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from airbrick.emulator import Emulator
from bench.compiled import compiled

HERE = Path(__file__).parent
OURS = Path(sys.executable).parent / "pulumi-resource-airbrick"
PROVIDERS = ("airbrick", "nothing")


class Stack:
    """A project with one stack.

    :param folder: where it is made.
    :param provider: ``airbrick``, or ``nothing`` for the one that does nothing.
    :param jobs: how many jobs it holds.
    """

    def __init__(self, folder: Path, provider: str, workspace: Emulator, jobs: int) -> None:
        self._project = folder
        self._jobs = jobs
        plugins, state = folder / "plugins", folder / "state"
        plugins.mkdir(parents=True)
        state.mkdir()
        (plugins / OURS.name).symlink_to(OURS)
        nothing = plugins / "pulumi-resource-nothing"
        nothing.write_text(f"#!/bin/sh\nexec {sys.executable} {HERE / 'nothing.py'}\n")
        nothing.chmod(0o755)
        shutil.copy(HERE / "program.py", folder / "__main__.py")
        (folder / "Pulumi.yaml").write_text(json.dumps(_settings()))
        self._environment = {
            **compiled(folder.parent / "compiled"),
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        self._pulumi("stack", "init", "bench")
        for key, value in (("provider", provider), ("jobs", str(jobs))):
            self._pulumi("config", "set", f"bench:{key}", value)
        self._pulumi("config", "set", "airbrick:host", workspace.host)
        self._pulumi("config", "set", "--secret", "airbrick:token", stdin=workspace.token)

    def first_up_s(self) -> float:
        """Give the seconds of the ``up`` that makes the jobs."""
        return self._timed(f"{self._jobs + 1} created", "up", "--yes", "--skip-preview")

    def no_op_s(self) -> float:
        """Give the seconds of an ``up`` that changes nothing."""
        return self._timed(f"{self._jobs + 1} unchanged", "up", "--yes", "--skip-preview")

    def preview_s(self) -> float:
        """Give the seconds of a preview that shows no change."""
        return self._timed(f"{self._jobs + 1} unchanged", "preview")

    def _timed(self, wanted: str, *arguments: str) -> float:
        start = time.perf_counter()
        said = self._pulumi(*arguments)
        taken_s = time.perf_counter() - start
        if wanted not in said:
            raise RuntimeError(f"not {wanted!r}:\n{said[-2000:]}")
        return taken_s

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


def _settings() -> dict[str, object]:
    virtualenv = str(Path(sys.executable).parents[1])
    return {
        "name": "bench",
        "runtime": {"name": "python", "options": {"toolchain": "pip", "virtualenv": virtualenv}},
        "plugins": {"providers": [{"name": name, "path": "plugins"} for name in PROVIDERS]},
    }


class PeakMemory:
    """The largest resident memory that a process of our provider had."""

    def __init__(self) -> None:
        self.mib = 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at the processes as long as the block runs."""
        done = threading.Event()
        looking = threading.Thread(target=self._look, args=(done,))
        looking.start()
        try:
            yield
        finally:
            done.set()
            looking.join()

    def _look(self, done: threading.Event) -> None:
        while not done.wait(0.2):
            for status in Path("/proc").glob("[0-9]*/status"):
                try:
                    if OURS.name.encode() in (status.parent / "cmdline").read_bytes().split(b"\0")[1]:
                        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
                        self.mib = max(self.mib, int(peak.split()[1]) / 1024)
                except (OSError, IndexError, StopIteration):
                    # It has ended while we looked.
                    continue
