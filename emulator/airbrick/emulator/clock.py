"""Clocks: every moment in the emulator comes from one of these."""

from __future__ import annotations

import threading
import time
from typing import Protocol, runtime_checkable

from airbrick.emulator.errors import ConfigurationError

# The last moments of year 9999 have no date any more: what comes after a moment must have one too.
LAST_S = 253_370_764_800.0  # 9999-01-01


class Clock(Protocol):
    """Where the emulator reads the time."""

    @property
    def speed(self) -> float:
        """How many emulated seconds pass in one real second."""

    def now(self) -> float:
        """Return the emulated moment in seconds since the epoch."""


@runtime_checkable
class SteerableClock(Clock, Protocol):
    """A clock that can be told to go ahead."""

    def advance(self, seconds: float) -> float:
        """Jump ahead and return the new moment."""

    def resume(self, moment_s: float) -> None:
        """Go on from a moment, unless it is later already."""


class SystemClock:
    """The machine's clock, made faster or slower from the moment of construction.

    It never goes backwards, whatever happens to the machine's wall clock.

    :param speed: emulated seconds per real second, above 0
    :raises ConfigurationError: the speed is not above 0
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = _checked_speed(speed)
        self._epoch_s = time.time()
        self._origin_s = time.monotonic()
        self._frozen = False

    @property
    def speed(self) -> float:
        """How many emulated seconds pass in one real second."""
        return self._speed

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._frozen

    def now(self) -> float:
        """Return the emulated moment in seconds since the epoch."""
        if self._frozen:
            return self._epoch_s
        return min(self._epoch_s + (time.monotonic() - self._origin_s) * self._speed, LAST_S)

    def advance(self, seconds: float) -> float:
        """Jump ahead and return the new moment.

        :param seconds: how far, 0 or more
        :raises ConfigurationError: time would go backwards, or past the year 9998
        """
        self._epoch_s += _checked_seconds(seconds, self.now())
        return self.now()

    def resume(self, moment_s: float) -> None:
        """Go on from a moment, unless it is later already."""
        self._epoch_s += max(0.0, moment_s - self.now())

    def set(self, *, speed: float | None = None, frozen: bool | None = None) -> None:
        """Go faster or slower, stand still or go on.

        :param speed: emulated seconds per real second, above 0
        :raises ConfigurationError: the speed is not above 0
        """
        new_speed = self._speed if speed is None else _checked_speed(speed)
        self._epoch_s, self._origin_s = self.now(), time.monotonic()
        self._speed = new_speed
        self._frozen = self._frozen if frozen is None else frozen


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
        :raises ConfigurationError: time would go backwards, or past the year 9998
        """
        with self._lock:
            self._now_s += _checked_seconds(seconds, self._now_s)
            return self._now_s

    def resume(self, moment_s: float) -> None:
        """Go on from a moment, unless it is later already."""
        with self._lock:
            self._now_s = max(self._now_s, moment_s)


class HeldClock:
    """A clock that stands still while one request is handled, so that the request happens at one moment.

    :param inner: tells the time
    """

    def __init__(self, inner: Clock) -> None:
        self.inner = inner
        self._held_s: float | None = None

    @property
    def speed(self) -> float:
        """How many emulated seconds pass in one real second."""
        return self.inner.speed

    def now(self) -> float:
        """Return the emulated moment in seconds since the epoch."""
        return self.inner.now() if self._held_s is None else self._held_s

    def advance(self, seconds: float) -> float:
        """Jump ahead and return the new moment; a moment that is held stays.

        :raises ConfigurationError: the clock cannot, or time would go backwards or past the year 9998
        """
        if not isinstance(self.inner, SteerableClock):
            raise ConfigurationError("this clock has no advance(); give the emulator a ManualClock or a SystemClock")
        return self.inner.advance(seconds)

    def resume(self, moment_s: float) -> None:
        """Go on from a moment, unless it is later already, or the clock goes its own way."""
        if isinstance(self.inner, SteerableClock):
            self.inner.resume(moment_s)

    def hold(self, moment_s: float | None = None) -> float:
        """Stand still, at the present moment unless another is given, and return it."""
        self._held_s = self.inner.now() if moment_s is None else moment_s
        return self._held_s

    def release(self) -> None:
        """Go on."""
        self._held_s = None


def _checked_speed(speed: float) -> float:
    if not 0 < speed < float("inf"):
        raise ConfigurationError(f"speed must be above 0, not {speed}")
    return speed


def _checked_seconds(seconds: float, now_s: float) -> float:
    if not 0 <= seconds <= LAST_S - now_s:
        raise ConfigurationError(f"a clock goes neither back nor past the year 9998; it was to go by {seconds} seconds")
    return seconds
