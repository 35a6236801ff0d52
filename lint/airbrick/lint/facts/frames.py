"""Names and what they stand for, through branches and nested functions."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from airbrick.lint.facts.joining import join
from airbrick.lint.facts.values import Fact, Region

if TYPE_CHECKING:
    from airbrick.lint.facts.callables import ClassValue


class Frame:
    """The names of a module, a function call or a class body.

    Branches put layers on top, so that what one branch assigns is not seen by the other and can be
    joined where they meet.

    :param closure: the frame around it, where names are looked up next.
    """

    def __init__(self, closure: "Frame | None" = None, region: Region | None = None) -> None:
        self.closure = closure
        self.layers: list[dict[str, Fact]] = [{}]
        self.region = region or Region()
        self.owner: ClassValue | None = None
        """The class whose body this is."""
        self.stars: list[str] = []
        """Modules whose names were imported with a star, as dotted names, oldest first."""
        self.outside: dict[str, Frame] = {}
        """Names declared ``global`` or ``nonlocal``, and the frame they live in."""

    def lookup(self, name: str) -> Fact | None:
        """Find a name here or in the frames around; ``None`` when it is nowhere."""
        frame: Frame | None = self
        while frame is not None:
            found = frame.local(name)
            if found is not None:
                return found
            frame = frame.closure
        return None

    def local(self, name: str) -> Fact | None:
        """Find a name in this frame only."""
        for layer in reversed(self.layers):
            found = layer.get(name)
            if found is not None:
                return found
        return None

    def assign(self, name: str, fact: Fact) -> None:
        """Bind a name."""
        outside = self.outside.get(name)
        if outside is None:
            self.layers[-1][name] = fact
            return
        # A function that changes a name outside may run later, often or never.
        before = outside.local(name)
        outside.layers[-1][name] = fact if before is None else join(before, fact)

    def push(self) -> None:
        """Begin a branch."""
        self.layers.append({})

    def pop(self) -> dict[str, Fact]:
        """End a branch and take what it assigned."""
        return self.layers.pop()

    def merge(self, branches: Iterable[dict[str, Fact]]) -> None:
        """Let branches meet; a name that one way does not bind at all is taken from the others."""
        merged: dict[str, Fact] = {}
        ways = list(branches)
        for name in dict.fromkeys(name for way in ways for name in way):
            before = self.local(name)
            facts = [fact for way in ways if (fact := way.get(name) or before) is not None]
            joined = facts[0]
            for fact in facts[1:]:
                joined = join(joined, fact)
            merged[name] = joined
        self.layers[-1].update(merged)

    def clear(self) -> None:
        """Forget everything."""
        self.layers.clear()
        self.outside.clear()
        self.owner = self.closure = None

    def module(self) -> "Frame":
        """Give the outermost frame."""
        frame = self
        while frame.closure is not None:
            frame = frame.closure
        return frame
