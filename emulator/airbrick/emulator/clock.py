"""Clocks: every moment in the emulator comes from one of these."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from airbrick.emulator.errors import ConfigurationError


class Clock(Protocol):
    """Where the emulator reads the time."""

    @property
    def speed(self) -> float:
        """How many emulated seconds pass in one real second."""

    def now(self) -> float:
        """Return the emulated moment in seconds since the epoch."""


class SystemClock:
    """The machine's clock, made faster or slower from the moment of construction.

    It never goes backwards, whatever happens to the machine's wall clock.

    :param speed: emulated seconds per real second, above 0
    :raises ConfigurationError: the speed is not above 0
    """

    def __init__(self, speed: float = 1.0) -> None:
        if not speed > 0:
            raise ConfigurationError(f"speed must be above 0, not {speed}")
        self._speed = speed
        self._epoch_s = time.time()
        self._origin_s = time.monotonic()

    @property
    def speed(self) -> float:
        """How many emulated seconds pass in one real second."""
        return self._speed

    def now(self) -> float:
        """Return the emulated moment in seconds since the epoch."""
        return self._epoch_s + (time.monotonic() - self._origin_s) * self._speed


class ManualClock:
    """A clock that stands still until it is advanced.

    :param start_s: the first moment, in seconds since the epoch
    """

    speed = 1.0

    def __init__(self, start_s: float = 1_767_225_600.0) -> None:
        self._now_s = start_s
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the emulated moment in seconds since the epoch."""
        return self._now_s

    def advance(self, seconds: float) -> float:
        """Let time pass and return the new moment.

        :param seconds: how long, 0 or more
        :raises ConfigurationError: time would go backwards
        """
        if not seconds >= 0:
            raise ConfigurationError(f"a clock cannot go back by {-seconds} seconds")
        with self._lock:
            self._now_s += seconds
            return self._now_s
