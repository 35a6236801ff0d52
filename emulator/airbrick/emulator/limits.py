"""How much a workspace takes, as knobs.

Source: https://docs.databricks.com/aws/en/resources/limits
"""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from airbrick.emulator.errors import ApiError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a workspace.

    :param jobs: jobs that it can hold
    :param job_creations_per_hour: jobs that can be made in one emulated hour
    """

    jobs: int = 10_000
    job_creations_per_hour: int = 10_000

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ConfigurationError(f"limits: {field.name} must be a whole number, 0 or more, not {value!r}")


BOUNDLESS = Limits(sys.maxsize, sys.maxsize)


class JobQuota:
    """Counts jobs against limits.

    :param limits: how many there may be
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._made_s: deque[float] = deque()

    def clear(self) -> None:
        """Forget the jobs that were made."""
        self._made_s.clear()

    def take(self, jobs: Mapping[int, object], now_s: float) -> None:
        """Count a job that is about to be made.

        :param jobs: the jobs that there are
        :raises ApiError: there are too many, or too many were made in the last hour
        """
        if len(jobs) >= self.limits.jobs:
            raise ApiError(
                400,
                "QUOTA_EXCEEDED",
                f"The quota for the number of jobs has been reached. The current quota is {self.limits.jobs}.",
            )
        while self._made_s and self._made_s[0] <= now_s - _HOUR_S:
            self._made_s.popleft()
        if len(self._made_s) >= self.limits.job_creations_per_hour:
            message = f"More than {self.limits.job_creations_per_hour} jobs were created in the last hour."
            raise ApiError(429, "REQUEST_LIMIT_EXCEEDED", message)
        self._made_s.append(now_s)
