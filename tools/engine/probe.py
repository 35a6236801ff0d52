"""Ask programs for their version, and look for an engine that is already there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tools.engine import pins
from tools.engine.errors import OriginError
from tools.engine.version import Version

if TYPE_CHECKING:
    from tools.engine.machine import Machine

_PROBE_TIMEOUT_S = 30.0
_PATH_ORIGIN = "PATH"


def version_of(program: Path | str, *arguments: str, machine: Machine) -> Version | None:
    """Run a program to learn its version.

    :param program: the program
    :param arguments: what makes it print its version
    :param machine: whose environment it gets
    :return: None when it does not start, fails, hangs or prints no version
    """
    quiet = {"PULUMI_SKIP_UPDATE_CHECK": "true", "GOTOOLCHAIN": "local"}
    try:
        done = subprocess.run(
            [str(program), *arguments],
            env={**machine.environ, **quiet},
            capture_output=True,
            text=True,
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Version.parse(done.stdout) if done.returncode == 0 else None


def find_on_path(machine: Machine) -> Path:
    """Find an engine that its user installed.

    :param machine: whose PATH is searched
    :return: the folder that holds every one of :data:`pins.BINARIES`
    :raises OriginError: when there is none, it is too old, or its language host is missing
    """
    found = shutil.which("pulumi", path=machine.search_path)
    if found is None:
        raise OriginError(_PATH_ORIGIN, "no pulumi")
    version = version_of(found, "version", machine=machine)
    if version is None:
        raise OriginError(_PATH_ORIGIN, f"`{found} version` does not answer with a version")
    if version < pins.MINIMUM_PULUMI_VERSION:
        raise OriginError(_PATH_ORIGIN, f"{found} is {version}, older than {pins.MINIMUM_PULUMI_VERSION}")
    # A package manager links the binaries one by one; the folder behind the link has them all.
    for folder in (Path(found).parent, Path(found).resolve().parent):
        if is_complete(folder):
            return folder
    raise OriginError(_PATH_ORIGIN, f"{found} has no pulumi-language-python beside it")


def is_complete(folder: Path) -> bool:
    """Tell whether a folder holds an engine with its language host, both executable."""
    return all(shutil.which(name, path=str(folder)) for name in pins.BINARIES)
