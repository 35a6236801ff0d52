"""Rate limits: how many requests a second a path takes, off unless somebody sets them.

The emulated clock counts, so that a test with a manual clock decides when there is room again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any

from airbrick.emulator.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A limit on the requests to a path.

    :param method: HTTP method, or ``*``
    :param path: glob on the path
    :param per_s: requests in one emulated second, above 0
    :param burst: how many may come at once
    """

    path: str
    per_s: float
    method: str = "*"
    burst: int = 1

    def __post_init__(self) -> None:
        for name in ("path", "method"):
            if not isinstance(getattr(self, name), str):
                raise ConfigurationError(f"rate limit: {name} must be a string")
        for name, least in (("per_s", 0), ("burst", 1)):
            value = getattr(self, name)
            good = not isinstance(value, bool) and isinstance(value, int | float) and value < math.inf
            if not good or value < least or value == 0:
                raise ConfigurationError(f"rate limit: {name} must be a number above 0, not {value!r}")


@dataclass(slots=True)
class _Bucket:
    limit: RateLimit
    room: float
    at_s: float


@dataclass(slots=True)
class RateLimits:
    """The limits in force."""

    _buckets: list[_Bucket] = field(default_factory=list)

    def add(self, limit: RateLimit, now_s: float) -> None:
        """Put a limit in force."""
        self._buckets.append(_Bucket(limit, float(limit.burst), now_s))

    def clear(self) -> None:
        """Take all limits out of force."""
        self._buckets.clear()

    def limits(self) -> list[RateLimit]:
        """Return the limits in force."""
        return [bucket.limit for bucket in self._buckets]

    def wait_s(self, method: str, path: str, now_s: float) -> float:
        """Count a request and return after how many seconds it may come; 0 when there is room now."""
        found = [bucket for bucket in self._buckets if _covers(bucket.limit, method, path)]
        for bucket in found:
            bucket.room = min(bucket.limit.burst, bucket.room + (now_s - bucket.at_s) * bucket.limit.per_s)
            bucket.at_s = now_s
        missing = max((1 - bucket.room) / bucket.limit.per_s for bucket in found) if found else 0.0
        if missing > 0:
            return missing
        for bucket in found:
            bucket.room -= 1
        return 0.0


def read_rate_limit(values: dict[str, Any]) -> RateLimit:
    """Return a limit made of JSON values.

    :raises ConfigurationError: a key is unknown or missing, or a value is wrong
    """
    known = {item.name for item in fields(RateLimit)}
    if unknown := sorted(set(values) - known):
        raise ConfigurationError(f"rate limit: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    if missing := {"path", "per_s"} - set(values):
        raise ConfigurationError(f"rate limit: {min(missing)} is missing")
    return RateLimit(**values)


def _covers(limit: RateLimit, method: str, path: str) -> bool:
    return limit.method in ("*", method) and fnmatchcase(path, limit.path)
