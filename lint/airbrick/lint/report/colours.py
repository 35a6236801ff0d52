"""Colours, where there is a terminal that wants them, and how wide lines are where there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TextIO

DEFAULT_WIDTH: Final = 80


@dataclass(frozen=True, slots=True)
class Palette:
    """Styles of text.

    :param on: whether to colour at all.
    """

    on: bool = False

    def _wrap(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text

    def bold(self, text: str) -> str:
        """Style a place."""
        return self._wrap("1", text)

    def dim(self, text: str) -> str:
        """Style what frames the code."""
        return self._wrap("2", text)

    def code(self, text: str) -> str:
        """Style a rule's code."""
        return self._wrap("1;31", text)

    def mark(self, text: str) -> str:
        """Style the marks below the code."""
        return self._wrap("31", text)

    def hint(self, text: str) -> str:
        """Style what to do."""
        return self._wrap("36", text)


def palette_for(stream: TextIO, environ: Mapping[str, str]) -> Palette:
    """Choose: ``NO_COLOR`` wins, then ``FORCE_COLOR``, then whether the stream is a terminal."""
    if environ.get("NO_COLOR"):
        return Palette()
    if environ.get("FORCE_COLOR"):
        return Palette(on=True)
    return Palette(on=stream.isatty() and environ.get("TERM") != "dumb")
