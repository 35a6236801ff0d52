"""When a failed request is tried again."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff with full jitter, never earlier than the server asked for.

    :param base_s: longest wait after the first failure.
    :param cap_s: longest wait after any failure.
    """

    base_s: float = 1.0
    cap_s: float = 60.0

    def delay_s(self, failures: int, *, retry_after_s: float | None, unit: float) -> float:
        """Give the wait before the next try.

        :param failures: failures in a row so far, from 1.
        :param retry_after_s: what the server asked for, if it did.
        :param unit: a random number in [0, 1).
        """
        # The exponent is bounded: an outage of hours must not overflow a float.
        ceiling = min(self.cap_s, self.base_s * 2.0 ** min(failures - 1, 30))
        jittered = ceiling * unit
        return retry_after_s + min(jittered, self.base_s) if retry_after_s is not None else jittered
