"""The machine this runs on, as values, so that tests can bring their own."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.engine.errors import UnsupportedPlatformError

if TYPE_CHECKING:
    from collections.abc import Mapping

_SYSTEMS = {"Linux": "linux", "Darwin": "darwin"}
_PROCESSORS = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Machine:
    """Where programs are looked for and where the engine is kept.

    :param platform: Pulumi's name of system and processor, such as ``linux-x64``
    :param environ: the environment that programs inherit
    :param cache_root: folder that holds one folder per engine version and platform
    """

    platform: str
    environ: Mapping[str, str]
    cache_root: Path

    @property
    def search_path(self) -> str:
        """PATH, empty when unset: the standard library would otherwise fall back to its own."""
        return self.environ.get("PATH", "")


def current_machine(environ: Mapping[str, str]) -> Machine:
    """Describe this machine.

    :param environ: the process's environment; ``XDG_CACHE_HOME`` moves the cache
    :raises UnsupportedPlatformError: when Pulumi has no engine for it
    """
    system, processor = platform.system(), platform.machine().lower()
    if system not in _SYSTEMS or processor not in _PROCESSORS:
        raise UnsupportedPlatformError(f"{system} {processor}")
    # The XDG specification ignores relative folders.
    configured = Path(environ.get("XDG_CACHE_HOME", ""))
    caches = configured if configured.is_absolute() else Path.home() / ".cache"
    return Machine(
        platform=f"{_SYSTEMS[system]}-{_PROCESSORS[processor]}",
        environ=dict(environ),
        cache_root=caches / "airbrick" / "engine",
    )
