"""Work that may hang, done in a thread that nobody has to wait for.

databricks-sdk signs in with retries of up to five minutes and without a time-out on the token request. A thread of
a pool would hold up the end of the process for as long.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

_T = TypeVar("_T")


def run_bounded(work: Callable[[], _T], timeout_s: float) -> _T:
    """Do work in a thread and wait for it.

    :raises TimeoutError: it took too long; it goes on unheard.
    """
    return _begin(work).result(timeout_s)


async def arun_bounded(work: Callable[[], _T], timeout_s: float) -> _T:
    """Do work in a thread and wait for it without blocking the event loop.

    :raises TimeoutError: it took too long; it goes on unheard.
    """
    return await asyncio.wait_for(asyncio.wrap_future(_begin(work)), timeout_s)


def _begin(work: Callable[[], _T]) -> "Future[_T]":
    future: Future[_T] = Future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 -- handed to whoever waits
            _tell(future.set_exception, error)
        else:
            _tell(future.set_result, result)

    threading.Thread(target=run, name="airbrick-sign-in", daemon=True).start()
    return future


def _tell(how: Callable[[_T], None], what: _T) -> None:
    # Whoever waited may have given up: the future is cancelled, or its event loop is closed.
    with contextlib.suppress(Exception):
        how(what)
