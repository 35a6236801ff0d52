"""How many requests a host gets: one budget for all that ask it."""

from typing import Final

RATE_PER_S: Final = 30.0
"""Less than a third of what a workspace is said to allow for ``runs/get``, which other clients share."""

BURST: Final = 50.0


class RateBudget:
    """A token bucket that hands out waiting times.

    :param rate_per_s: requests a second in the long run.
    :param burst: requests that may go out at once after a quiet time.
    """

    def __init__(self, *, rate_per_s: float = RATE_PER_S, burst: float = BURST) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._tokens = burst
        self._counted_at: float | None = None
        self._paused_until = 0.0

    def reserve(self, now: float) -> float:
        """Take the next request's place.

        :param now: seconds on a clock that never steps back.
        :returns: how long to wait before sending, in seconds.
        """
        if self._counted_at is not None:
            self._tokens = min(self._burst, self._tokens + max(0.0, now - self._counted_at) * self._rate_per_s)
        self._counted_at = now
        self._tokens -= 1.0
        return max(0.0, -self._tokens / self._rate_per_s, self._paused_until - now)

    def paused_s(self, now: float) -> float:
        """Give how long nothing may be sent, in seconds.

        A request that has its place asks again right before it is sent: the host may have asked for a pause since.
        """
        return max(0.0, self._paused_until - now)

    def pause(self, until: float) -> None:
        """Send nothing before ``until``: the host asked for it."""
        self._paused_until = max(self._paused_until, until)
