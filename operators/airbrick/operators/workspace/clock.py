"""Time, passed in so that tests decide it."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Clock:
    """The time sources of a worker.

    :param now: seconds since the epoch.
    :param monotonic: seconds from an unknown start; never steps back.
    :param sleep: waits; raises when the wait is over for another reason.
    :param unit: a random number in [0, 1).
    """

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    unit: Callable[[], float] = field(default=random.random)
