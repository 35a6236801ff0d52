"""How long one request is tried, whoever sends it and however they wait."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from airbrick.operators.errors import ApiError, UnavailableError
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.retry import Backoff

RETRY_FOR_S: Final = 120.0


@dataclass(slots=True)
class Patience:
    """What is left of it for one request.

    :param host: whom the request is for.
    :param began_at: when it was first sent, in seconds on a clock that never steps back.
    :param retry_for_s: how long it is tried, in seconds.
    :param repeatable: whether it may be sent again when it may have been accepted.
    """

    host: str
    began_at: float
    retry_for_s: float = RETRY_FOR_S
    backoff: Backoff = field(default_factory=Backoff)
    repeatable: bool = True
    failures: int = 0

    def wait_s(self, error: ApiError, *, now: float, unit: float) -> float:
        """Give the wait before the request is sent again.

        :param now: on the clock of ``began_at``.
        :param unit: a random number in [0, 1).
        :raises UnavailableError: it was tried for long enough.
        :raises ApiError: the error itself, where another try would not help or might do the same twice.
        """
        surely_refused = error.status == HTTPStatus.TOO_MANY_REQUESTS
        if not wire.is_transient(error) or not (self.repeatable or surely_refused):
            raise error
        self.failures += 1
        delay_s = self.backoff.delay_s(self.failures, retry_after_s=error.retry_after_s, unit=unit)
        waited_s = now - self.began_at
        if waited_s + delay_s > self.retry_for_s:
            raise UnavailableError(self.host, waited_s=waited_s, last=str(error)) from error
        return delay_s
