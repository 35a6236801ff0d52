"""Identifiers as a workspace hands them out."""

from __future__ import annotations

_SPREAD = 0x9E37_79B9_7F4A_7C15
_BITS = 60


class IdSource:
    """Unique ids, the same in every emulator that does the same things.

    :param big: hand out odd ids above 2**61, which no double can hold, so that a client which reads
        JSON numbers as doubles is found out; otherwise count from 1
    """

    def __init__(self, *, big: bool = True) -> None:
        self._big = big
        self._count = 0

    def next(self) -> int:
        """Return an id that was never returned before."""
        self._count += 1
        if not self._big:
            return self._count
        return (1 << (_BITS + 1)) + ((self._count * _SPREAD) % (1 << _BITS)) * 2 + 1
