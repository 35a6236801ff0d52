"""What both REST clients know about requests that fail: whether, when and how long to try again."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol, TypeVar

from airbrick.iac.errors import IacError, ThrottledError, UnclearError, UnreachableError

THROTTLED_BUDGET_S: Final = 300.0
UNCLEAR_BUDGET_S: Final = 60.0
UNREACHABLE_BUDGET_S: Final = 6.0
_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 8.0

T = TypeVar("T")


class Patience(Protocol):
    """How to wait, and what time it is."""

    def now_s(self) -> float:
        """Give a time that only grows."""

    def wait(self, seconds: float) -> bool:
        """Wait, and tell whether the work should go on."""


class Pause:
    """Waiting that ends early when the engine cancels, or when the time a resource was given is over."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._limits = threading.local()

    def now_s(self) -> float:
        """Give the monotonic time."""
        return time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Wait, and tell whether the work should go on; what would end too late is not begun."""
        until_s: float | None = getattr(self._limits, "until_s", None)
        if until_s is not None and self.now_s() + seconds > until_s:
            return False
        return self._sleep(seconds)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Give this thread so much time for all of its waiting; 0 is no limit."""
        self._limits.until_s = self.now_s() + seconds if seconds > 0 else None
        try:
            yield
        finally:
            self._limits.until_s = None

    def cancel(self) -> None:
        """End every wait, now and later."""
        self._cancelled.set()

    def _sleep(self, seconds: float) -> bool:
        return not self._cancelled.wait(seconds)


def persist(attempt: Callable[[], T], patience: Patience, *, repeatable: bool) -> T:
    """Make a request, and make it again while that is safe and there is hope.

    :param attempt: makes the request once.
    :param patience: waits in between.
    :param repeatable: whether the request may be carried out twice; a write may not, and is only sent again after
        an answer that says that nothing was done.
    :raises IacError: as the last attempt raised it.
    """
    started_s = patience.now_s()
    tries = 0
    while True:
        try:
            return attempt()
        except IacError as error:
            tries += 1
            wait_s = wait_before_retry(error, tries, repeatable=repeatable)
            over = patience.now_s() - started_s + (wait_s or 0.0) > _budget_s(error)
            if wait_s is None or over or not patience.wait(wait_s):
                raise


def wait_before_retry(error: IacError, tries: int, *, repeatable: bool) -> float | None:
    """Decide how long to wait before the next attempt.

    :param tries: attempts so far, from 1.
    :returns: seconds; ``None`` when there must be no other attempt.
    """
    if isinstance(error, ThrottledError):
        return error.retry_after_s
    if isinstance(error, UnclearError) and repeatable:
        return min(_FIRST_WAIT_S * 2.0 ** (tries - 1), _LONGEST_WAIT_S)
    return None


def _budget_s(error: IacError) -> float:
    if isinstance(error, UnreachableError):
        return UNREACHABLE_BUDGET_S
    return THROTTLED_BUDGET_S if isinstance(error, ThrottledError) else UNCLEAR_BUDGET_S


def was_never_sent(error: BaseException) -> bool:
    """Tell whether the connection failed before a request could leave."""
    import requests
    import urllib3

    seen: set[int] = set()
    pending: list[object] = [error]
    while pending:
        current = pending.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(
            current,
            urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError | requests.ConnectTimeout,
        ):
            return True
        pending += [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
    return False
