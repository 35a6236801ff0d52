"""What can go wrong while getting the engine.

::

    EngineError
    ├── UnsupportedPlatformError    no release and no build exists for this machine
    ├── OriginError                 one way of getting the engine did not work
    └── EngineUnavailableError      none of the three ways worked
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.engine import pins

if TYPE_CHECKING:
    from collections.abc import Sequence


class EngineError(Exception):
    """Any failure of this tool that its user can act on."""


class UnsupportedPlatformError(EngineError):
    """Say that Pulumi has no engine for this machine.

    :param platform: operating system and processor
    """

    def __init__(self, platform: str) -> None:
        super().__init__(f"Pulumi has no engine for {platform}; use Linux or macOS on x86-64 or arm64")
        self.platform = platform


class OriginError(EngineError):
    """Say why one way of getting the engine did not work.

    :param origin: the way, such as "official release"
    :param reason: what happened
    """

    def __init__(self, origin: str, reason: str) -> None:
        super().__init__(f"{origin}: {reason}")
        self.origin = origin
        self.reason = reason


class EngineUnavailableError(EngineError):
    """Name the three ways of getting the engine and what each one answered.

    :param attempts: the failure of each way, in the order tried
    """

    def __init__(self, attempts: Sequence[OriginError]) -> None:
        tried = "\n".join(f"  {number}. {attempt}" for number, attempt in enumerate(attempts, start=1))
        super().__init__(
            "the Pulumi engine is not available. Three ways were tried:\n"
            f"{tried}\n"
            f"Make any one of them work: put pulumi >= {pins.MINIMUM_PULUMI_VERSION} on PATH "
            "(https://www.pulumi.com/docs/install/), "
            "let this machine reach get.pulumi.com, or let it reach a Go module proxy (GOPROXY) and, "
            "without Go on PATH, a Python package index."
        )
        self.attempts = tuple(attempts)
