"""Page tokens: opaque to clients, checked when they come back."""

from __future__ import annotations

import base64
import binascii
import re

from airbrick.emulator.errors import invalid_parameter

PAGE_SIZE = 100
_POSITION = re.compile(r"[0-9]{1,19}")


def page_token(position: int) -> str:
    """Return the token of the page that starts at a position."""
    return base64.urlsafe_b64encode(f"airbrick:{position}".encode()).decode().rstrip("=")


def read_page_token(token: str | None) -> int | None:
    """Return the position that a token stands for; None without one.

    :raises ApiError: the token is not one of ours
    """
    if not token:
        return None
    try:
        mark, _, digits = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        mark, digits = "", ""
    if mark != "airbrick" or not _POSITION.fullmatch(digits):
        raise invalid_parameter("page_token is invalid")
    return int(digits)


def read_limit(limit: int | None, *, default: int, maximum: int, zero_is_maximum: bool = False) -> int:
    """Return how many entries a page holds.

    :raises ApiError: the limit is out of range
    """
    if limit is None:
        return default
    if limit == 0 and zero_is_maximum:
        return maximum
    if not 1 <= limit <= maximum:
        raise invalid_parameter(f"limit must be from 1 to {maximum}; it is {limit}")
    return limit
