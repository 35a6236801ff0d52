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
"""Everything is gone through again once Python's objects take so many times the blocks of memory that they took when
it last was, or when watching began."""

THAW_EVERY_S: Final = 86_400.0
"""Everything is gone through again after this time, by the second full collection."""

_FULL: Final = 2
"""The oldest generation. Before 3.14.5 and where it runs without the GIL, CPython 3.14 collects it only if asked to:
there its collections stay what they are. Source: https://docs.python.org/3/library/gc.html#gc.collect"""


class ShortCollections:
    """While runs are watched, a full collection goes only through what was made since the one before.

    What one has left is in use and is frozen. Frozen objects are freed as ever once nothing refers to them. Those to
    which in the end only each other refer are garbage that waits: until nobody watches, for :data:`THAW_EVERY_S`,
    or until there is :data:`GROWTH_MAX` times as much, whatever comes first.

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
        # What is collected while a thread holds it may end a context in the same thread.
        self._lock = threading.RLock()
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
            self._users[loop] += 1
            if self._collected not in gc.callbacks:
                self._gone_through()
                gc.callbacks.append(self._collected)
            if not self._imports_frozen:
                # Once: whatever is garbage by now is frozen, too, and the collector counts anew.
                self._imports_frozen = True
                gc.freeze()

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._users[loop] -= 1
            if self._users[loop] <= 0:
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
        if phase != "stop" or about["generation"] != _FULL or not self._lock.acquire(blocking=False):
            return
        try:
            self._keep_or_thaw()
        finally:
            self._lock.release()

    def _keep_or_thaw(self) -> None:
        for loop in [loop for loop in self._users if loop.is_closed()]:
            del self._users[loop]
        if self._thawed:
            self._gone_through()
        elif self._monotonic() >= self._thaw_at or self._allocated() > self._allocated_max:
            self._thawed = True
        if self._thawed or not self._users:
            gc.unfreeze()
        else:
            gc.freeze()


SHORT_COLLECTIONS: Final = ShortCollections()
"""Those of this process."""
