"""Identifiers as a workspace hands them out."""

from __future__ import annotations

from datetime import UTC, datetime

_SPREAD = 0x9E37_79B9_7F4A_7C15
_BITS = 60
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


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
        return self._spread() if self._big else self._count

    def next_hex(self) -> str:
        """Return 16 hexadecimal digits that were never returned before, as policies and warehouses have."""
        self._count += 1
        return f"{self._spread():016x}"

    def next_stamped(self, now_s: float) -> str:
        """Return an id such as ``0101-120000-4k2m9x0a``, as clusters have.

        :param now_s: seconds since the epoch
        """
        self._count += 1
        number, letters = self._spread(), ""
        for _ in range(8):
            number, digit = divmod(number, len(_ALPHABET))
            letters += _ALPHABET[digit]
        return f"{datetime.fromtimestamp(now_s, UTC):%m%d-%H%M%S}-{letters}"

    def _spread(self) -> int:
        return (1 << (_BITS + 1)) + ((self._count * _SPREAD) % (1 << _BITS)) * 2 + 1
