"""Build the engine and a Python language host from Go modules."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tools.engine import pins
from tools.engine.errors import OriginError
from tools.engine.golang import find_go
from tools.engine.probe import version_of
from tools.engine.progress import run_long, tail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.engine.golang import Go
    from tools.engine.machine import Machine
    from tools.engine.progress import Progress

ORIGIN = "build from Go modules"
_SDK = "github.com/pulumi/pulumi/sdk/v3"
_PACKAGES = ("github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", "./pulumi-language-python")
# The engine starts a Python program through this script of Pulumi's own.
_EXECUTOR = "pulumi-language-python-exec"


def recipe() -> str:
    """Fingerprint the sources, so that an engine built from others is built again."""
    digest = hashlib.sha256()
    for file in sorted(path for path in pins.GO_FOLDER.rglob("*") if path.is_file()):
        digest.update(file.relative_to(pins.GO_FOLDER).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def build(workshop: Path, machine: Machine, progress: Progress, kept_log: Path) -> Path:
    """Build the engine, with every module checked against ``go.sum``.

    :param workshop: empty folder to work in
    :param machine: whose Go and module proxy settings are used
    :param progress: told how far it is
    :param kept_log: where the build's output stays when it fails
    :return: folder that holds every one of :data:`pins.BINARIES`
    :raises OriginError: when there is no Go, a module cannot be had, or the build fails
    """
    go = find_go(workshop, machine, progress, ORIGIN)
    sources, finished, log = workshop / "go", workshop / "engine", workshop / "build.log"
    shutil.copytree(pins.GO_FOLDER, sources)
    finished.mkdir()
    environ = go_environ(go, machine.environ, workshop)
    progress.say(f"building Pulumi {pins.PULUMI_VERSION} from Go modules with {go.program}: 4 minutes, only once")
    linker = f"-s -w -X {_SDK}/go/common/version.Version=v{pins.PULUMI_VERSION}"
    command = [
        str(go.program), "build", "-trimpath", "-tags", "osusergo", "-ldflags", linker, "-o", f"{finished}{os.sep}",
        *_PACKAGES,
    ]  # fmt: skip
    code = run_long(command, environ=environ, cwd=sources, log=log, progress=progress, doing="still building Pulumi")
    if code != 0:
        shutil.copyfile(log, kept_log)
        raise OriginError(ORIGIN, f"go build failed: {tail(log, lines=3)} (all of it: {kept_log})")
    _add_executor(go, environ, sources, finished)
    if version_of(finished / "pulumi", "version", machine=machine) != pins.PULUMI_VERSION:
        raise OriginError(ORIGIN, "the built engine does not run on this machine")
    progress.say("built")
    return finished


def go_environ(go: Go, environ: Mapping[str, str], workshop: Path) -> dict[str, str]:
    """Make the build independent of the user's Go settings, except for where modules come from.

    :param go: the Go that builds
    :param environ: the user's environment
    :param workshop: holds the module and build caches of a borrowed Go
    """
    settings = {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly -buildvcs=false -modcacherw",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    if go.borrowed:
        settings |= {"GOPATH": str(workshop / "gopath"), "GOCACHE": str(workshop / "gocache"), "GOROOT": ""}
    return {**environ, **settings}


def _add_executor(go: Go, environ: Mapping[str, str], sources: Path, finished: Path) -> None:
    answer = subprocess.run(
        [str(go.program), "list", "-m", "-f", "{{.Dir}}", _SDK],
        env=dict(environ), cwd=sources, capture_output=True, text=True, check=True,
    )  # fmt: skip
    source = Path(answer.stdout.strip()) / "python" / "cmd" / _EXECUTOR
    if not source.is_file():
        raise OriginError(ORIGIN, f"the module {_SDK} does not hold {_EXECUTOR}")
    target = finished / _EXECUTOR
    shutil.copyfile(source, target)
    # Module archives do not keep the executable bit.
    target.chmod(0o755)
