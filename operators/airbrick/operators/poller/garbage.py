"""Python's garbage collector, kept from stopping a process that watches thousands of runs.

A full collection goes through everything that is in use. Of each trigger Airflow keeps some ninety objects: with
10,000 of them it takes 0.4 s, in which the event loop does nothing, each time they have grown by a quarter.
"""

import asyncio
import gc
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

GROWTH_MAX: Final = 4
"""Everything is gone through again once so many times as much is allocated as when it last was."""

THAW_EVERY_S: Final = 86_400.0
"""Everything is gone through again after this time at the latest."""

_FULL: Final = 2
"""The oldest generation. Before 3.14.5 and where it runs without the GIL, CPython 3.14 collects it only if asked to:
there its collections stay what they are. Source: https://docs.python.org/3/library/gc.html#gc.collect"""


class ShortCollections:
    """While runs are watched, a full collection goes only through what was made since the one before.

    What one has left is in use and is frozen. Frozen objects are freed as ever once nothing refers to them. Those to
    which in the end only each other refer are garbage that waits: until no run is watched, for the time of
    :data:`THAW_EVERY_S`, or until memory has grown by :data:`GROWTH_MAX`, whatever comes first.

    :param monotonic: seconds from an unknown start; never steps back.
    :param allocated: how many blocks of memory Python's objects take.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        allocated: Callable[[], int] = sys.getallocatedblocks,
    ) -> None:
        self._monotonic = monotonic
        self._allocated = allocated
        self._lock = threading.Lock()
        self._users: Counter[asyncio.AbstractEventLoop] = Counter()
        self._imports_frozen = False
        self._thawed = False
        self._thaw_at = 0.0
        self._allocated_max = 0

    @contextmanager
    def for_loop(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Spare an event loop long collections, until the context ends or the loop is closed."""
        self._begin(loop)
        try:
            yield
        finally:
            self._end(loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            if not self._users:
                self._gone_through()
                gc.callbacks.append(self._collected)
            self._users[loop] += 1
            if not self._imports_frozen:
                # Once: whatever is garbage by now is frozen, too, and the collector counts anew.
                self._imports_frozen = True
                gc.freeze()

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._users[loop] -= 1
            if self._users[loop] <= 0:
                self._leave(loop)

    def _leave(self, loop: asyncio.AbstractEventLoop) -> None:
        del self._users[loop]
        if not self._users:
            gc.unfreeze()
            with suppress(ValueError):
                gc.callbacks.remove(self._collected)

    def _gone_through(self) -> None:
        self._thawed = False
        self._thaw_at = self._monotonic() + THAW_EVERY_S
        self._allocated_max = GROWTH_MAX * self._allocated()

    def _collected(self, phase: str, about: Mapping[str, Any]) -> None:
        # In any thread, even in the midst of what holds the lock.
        if phase != "stop" or about["generation"] != _FULL:
            return
        for loop in list(self._users):
            if loop.is_closed():
                self._leave(loop)
        if self._thawed:
            self._gone_through()
        elif self._monotonic() >= self._thaw_at or self._allocated() > self._allocated_max:
            self._thawed = True
        if not self._thawed:
            gc.freeze()
        # Another thread may have left meanwhile.
        if self._thawed or not self._users:
            gc.unfreeze()


SHORT_COLLECTIONS: Final = ShortCollections()
"""Those of this process."""
