"""States of compute that follow from what it was told last and from the clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Way:
    """From a command to the state in which it ends.

    :param moving: state on the way
    :param takes_s: how long that lasts
    :param end: state from then on
    """

    moving: str
    takes_s: float
    end: str


@dataclass(frozen=True, slots=True)
class Condition:
    """What a thing was told last.

    :param at_s: when
    :param who: who told it
    :param reason: why
    """

    way: Way
    at_s: float
    who: str
    reason: str = "USER_REQUEST"

    @property
    def ends_s(self) -> float:
        """When the end of the way is reached."""
        return self.at_s + self.way.takes_s

    def state(self, now_s: float) -> str:
        """Return the state at a moment."""
        return self.way.moving if now_s < self.ends_s else self.way.end
