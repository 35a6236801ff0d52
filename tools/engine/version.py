"""Versions as programs print them."""

from __future__ import annotations

import re
from typing import NamedTuple

_NUMBERS = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


class Version(NamedTuple):
    """A version's three numbers, in their order.

    :param major: first number
    :param minor: second number
    :param patch: third number
    """

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """Read the first version in a program's output, such as ``v3.259.0`` or ``go version go1.26.8 linux/amd64``.

        :param text: what the program printed
        :return: the version, or None when there is none in the text
        """
        found = _NUMBERS.search(text)
        return cls(int(found[1]), int(found[2]), int(found[3] or 0)) if found else None

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"
