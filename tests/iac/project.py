"""A Pulumi project in a temporary folder, run by the real engine."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from airbrick.iac.provider.config import SECRET_KEYS


@dataclass
class Project:
    """A Pulumi project with one stack, ``dev``.

    :param folder: where its files are.
    :param environ: the environment of every pulumi command.
    """

    folder: Path
    environ: dict[str, str]
    logs: list[str] = field(default_factory=list)

    def program(self, text: str) -> None:
        """Replace the program."""
        (self.folder / "__main__.py").write_text("from airbrick import iac\n" + text, encoding="utf-8")

    def config(self, **values: object) -> None:
        """Write the stack's configuration; keys are airbrick's, and a credential is a secret of the stack."""
        secrets = {key: value for key, value in values.items() if key in SECRET_KEYS}
        lines = [f"  airbrick:{key}: {json.dumps(value)}" for key, value in values.items() if key not in secrets]
        kept = [line for line in self.stack_file.read_text(encoding="utf-8").splitlines() if "salt" in line]
        self.stack_file.write_text("\n".join([*kept, "config:", *lines, ""]), encoding="utf-8")
        for key, value in secrets.items():
            self.set_secret(f"airbrick:{key}", str(value))

    def set_secret(self, key: str, value: str) -> None:
        """Set a secret of the selected stack; by standard input, for every user of a machine sees arguments."""
        self.run("config", "set", "--secret", key, stdin=value)

    @property
    def stack_file(self) -> Path:
        return self.folder / "Pulumi.dev.yaml"

    def run(self, *arguments: str, stdin: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run pulumi; everything it prints is kept for the hunt for secrets."""
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color=never"],
            cwd=self.folder,
            env=self.environ,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        self.logs += [done.stdout, done.stderr]
        if check and done.returncode != 0:
            raise AssertionError(f"pulumi {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
        return done

    @contextmanager
    def started(self, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
        """Start pulumi in a process group of its own, and give it with the file that it writes to."""
        said = self.folder.parent / "engine.log"
        with said.open("wb") as log:
            command = ["pulumi", *arguments, "--non-interactive", "--color=never"]
            engine = subprocess.Popen(
                command, cwd=self.folder, env=self.environ, stdout=log, stderr=log, start_new_session=True
            )
            try:
                yield engine, said
            finally:
                if engine.poll() is None:
                    os.killpg(engine.pid, signal.SIGKILL)
                engine.wait(60)
                self.logs.append(said.read_text(encoding="utf-8"))

    def plugins(self) -> list[int]:
        """Find the processes of airbrick's plugin by the folder they run in."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                here = (process / "cwd").readlink()
                command = (process / "cmdline").read_bytes()
            except OSError:
                continue
            if here == self.folder.resolve() and b"pulumi-resource-airbrick" in command:
                found.append(int(process.name))
        return found

    def up(self, *arguments: str, check: bool = True) -> Mapping[str, int]:
        """Deploy, and give the number of resources by what was done to them."""
        done = self.run("up", "--yes", "--skip-preview", "--json", *arguments, check=check)
        return summary(done.stdout)

    def output(self, name: str) -> Any:
        return json.loads(self.run("stack", "output", name, "--json").stdout)

    def state(self) -> dict[str, Any]:
        """Export the state, secrets encrypted as they are stored."""
        exported: dict[str, Any] = json.loads(self.run("stack", "export").stdout)
        return exported

    def resource(self, name: str) -> dict[str, Any]:
        """Give one resource of the state."""
        resources = self.state()["deployment"].get("resources", [])
        (found,) = (item for item in resources if item["urn"].endswith(f"::{name}"))
        return dict(found)


def wait_for(condition: Callable[[], bool], *, timeout_s: float = 60.0) -> None:
    """Wait for what another process does."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def summary(text: str) -> Mapping[str, int]:
    """Read the summary out of the engine's event stream."""
    for line in text.splitlines():
        if line.startswith("{") and "summaryEvent" in (event := json.loads(line)):
            return dict(event["summaryEvent"]["resourceChanges"])
    return {}
