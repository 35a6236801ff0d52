"""Why a task is not executed."""

from __future__ import annotations


class CannotExecuteError(Exception):
    """A task that the emulator does not execute; it fails with this text.

    :param code: termination code
    """

    def __init__(self, message: str, code: str = "INVALID_RUN_CONFIGURATION") -> None:
        super().__init__(message)
        self.code = code
