"""Identifiers as a workspace hands them out."""

from __future__ import annotations

from datetime import UTC, datetime

_BITS = 60
_MASK = (1 << _BITS) - 1
_SPREAD = 0x9E37_79B9_7F4A_7C15 & _MASK
_GATHER = pow(_SPREAD, -1, 1 << _BITS)
_FLOOR = 1 << (_BITS + 1)
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


class IdSource:
    """Unique ids, the same in every emulator that does the same things.

    An id stands for a position in the order in which ids were handed out, and can be turned back into it.

    ``count`` is how many were handed out.

    :param big: hand out odd ids above 2**61, which no double can hold, so that a client which reads
        JSON numbers as doubles is found out; otherwise count from 1
    """

    def __init__(self, *, big: bool = True) -> None:
        self.big = big
        self.count = 0

    def next(self) -> int:
        """Return an id that was never returned before."""
        return self.at(self.reserve(1))

    def reserve(self, count: int) -> int:
        """Take several ids at once and return the position of the first."""
        first = self.count + 1
        self.count += count
        return first

    def at(self, position: int) -> int:
        """Return the id at a position, from 1."""
        return _spread(position) if self.big else position

    def position(self, number: int) -> int:
        """Return the position of an id; 0 for a number that is none."""
        if not self.big:
            return number if 0 < number <= self.count else 0
        if not number & 1 or not _FLOOR <= number < _FLOOR + (1 << (_BITS + 1)):
            return 0
        position = (((number - _FLOOR) >> 1) * _GATHER) & _MASK
        return position if position <= self.count else 0

    def next_hex(self) -> str:
        """Return 16 hexadecimal digits that were never returned before, as policies and warehouses have."""
        return f"{_spread(self.reserve(1)):016x}"

    def next_stamped(self, now_s: float) -> str:
        """Return an id such as ``0101-120000-4k2m9x0a``, as clusters have.

        :param now_s: seconds since the epoch
        """
        number, letters = _spread(self.reserve(1)), ""
        for _ in range(8):
            number, digit = divmod(number, len(_ALPHABET))
            letters += _ALPHABET[digit]
        return f"{datetime.fromtimestamp(now_s, UTC):%m%d-%H%M%S}-{letters}"


def _spread(position: int) -> int:
    return _FLOOR + ((position * _SPREAD) & _MASK) * 2 + 1
