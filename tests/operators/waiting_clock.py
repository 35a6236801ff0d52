"""A clock for the workspace and the operators alike, which passes fast while somebody waits for it."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from airbrick.operators.poller.clock import PollerClock


class WaitingClock:
    """Time passes fast while somebody waits, and as usual while Airflow starts a task or parses a file.

    So a test says the same on a busy machine as on an idle one.

    :param speed: how many seconds pass here in one real second of waiting.
    """

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._epoch_s = time.time()
        self._began_s = time.monotonic()
        self._gained_s = 0.0
        self._waiters = 0
        self._since_s = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the moment, in seconds since the epoch."""
        return self._epoch_s + self.monotonic()

    def monotonic(self) -> float:
        """Return the seconds that have passed here."""
        with self._lock:
            gained_s = self._gained_s + (self._gaining_s() if self._waiters else 0.0)
            return time.monotonic() - self._began_s + gained_s

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let time pass fast."""
        with self._lock:
            if not self._waiters:
                self._since_s = time.monotonic()
            self._waiters += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiters -= 1
                if not self._waiters:
                    self._gained_s += self._gaining_s()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        with self.waiting():
            time.sleep(max(0.0, seconds) / self.speed)

    def of_poller(self) -> PollerClock:
        """Give the poller's view of this clock."""
        return _PollersView(now=self.now, monotonic=self.monotonic, speed=self.speed, clock=self)

    def _gaining_s(self) -> float:
        return (time.monotonic() - self._since_s) * (self.speed - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PollersView(PollerClock):
    clock: WaitingClock

    async def sleep(self, seconds: float) -> None:
        with self.clock.waiting():
            await PollerClock.sleep(self, seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        with self.clock.waiting():
            await PollerClock.wait(self, event, seconds)
