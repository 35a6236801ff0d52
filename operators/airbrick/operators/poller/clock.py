"""Time as the poller sees it, passed in so that tests can speed it up."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PollerClock:
    """The time sources of a poller.

    :param now: seconds since the epoch.
    :param monotonic: seconds from an unknown start; never steps back.
    :param unit: a random number in [0, 1).
    :param speed: how much faster than real time the poller's time passes; 1 outside tests.
    """

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    unit: Callable[[], float] = random.random
    speed: float = 1.0

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(max(0.0, seconds) / self.speed)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until the event is set or the time is over."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), max(0.0, seconds) / self.speed)


def fast_clock(speed: float) -> PollerClock:
    """Give a clock on which time passes ``speed`` times faster."""
    began_now, began = time.time(), time.monotonic()

    def elapsed() -> float:
        return (time.monotonic() - began) * speed

    return PollerClock(now=lambda: began_now + elapsed(), monotonic=elapsed, speed=speed)
