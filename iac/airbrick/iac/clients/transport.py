"""What both REST clients know about connections that fail and about waiting."""

import threading

import requests
import urllib3


class Pause:
    """Waiting that ends early when the engine cancels."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Wait.

        :returns: whether the work should go on.
        """
        return not self._cancelled.wait(seconds)

    def cancel(self) -> None:
        """End every wait, now and later."""
        self._cancelled.set()


def was_never_sent(error: BaseException) -> bool:
    """Tell whether the connection failed before a request could leave."""
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
