"""Where in a call a cursor stands, in code that is being typed and need not parse."""

import re
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"""
    (?P<comment>\#[^\r\n]*)
  | (?P<string>(?P<prefix>[rRbBuUfFtT]{0,2})(?P<quote>'''|\"\"\"|'|\"))
  | (?P<name>[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*)
  | (?P<open>[(\[{])
  | (?P<close>[)\]}])
  | (?P<other>[^\s])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Bracket:
    """An open bracket.

    :param callee: the name that is called, of a call's bracket.
    :param keyword: the argument whose value it starts, as ``job_parameters`` in ``job_parameters={``.
    :param at: its offset.
    """

    kind: str
    callee: str
    keyword: str
    at: int


@dataclass(frozen=True, slots=True)
class Spot:
    """The text literal a cursor is in.

    :param start: offset after its opening quote.
    :param keyword: the argument whose value it is, as ``job`` in ``job="``; empty for another literal.
    :param before: the last character of the code before it that is no space.
    :param brackets: what is open around it, from the outside in.
    """

    start: int
    keyword: str
    before: str
    brackets: tuple[Bracket, ...]


def spot_at(text: str, offset: int) -> Spot | None:
    """Find the text literal that an offset lies in; ``None`` elsewhere, and in f-strings."""
    return _Scanner(text, offset).run()


class _Scanner:
    """Reads tokens up to an offset.

    The name just read may be called or given a value; the keyword is the argument whose value is being read.
    """

    def __init__(self, text: str, offset: int) -> None:
        self._text = text
        self._offset = offset
        self._position = 0
        self._brackets: list[Bracket] = []
        self._name = self._keyword = self._before = ""

    def run(self) -> Spot | None:
        while self._position < self._offset:
            match = _TOKEN.search(self._text, self._position)
            if match is None or match.start() >= self._offset:
                return None
            self._position = match.end()
            if match["string"] is not None:
                end = _end_of_string(self._text, match.end(), match["quote"])
                if self._offset < end or self._is_open(end, match["quote"]):
                    return self._spot(match)
                self._position, self._before, self._name = end, '"', ""
            elif match["comment"] is None:
                self._read(match)
        return None

    def _is_open(self, end: int, quote: str) -> bool:
        """Tell whether the offset is the end of a string that nothing closes."""
        return self._offset == end and not self._text.startswith(quote, end - len(quote))

    def _spot(self, match: re.Match[str]) -> Spot | None:
        plain = set(match["prefix"].lower()) <= {"r", "u"}
        return Spot(match.end(), self._keyword, self._before, tuple(self._brackets)) if plain else None

    def _read(self, match: re.Match[str]) -> None:
        if match["name"] is not None:
            self._name, self._before = re.sub(r"\s", "", match["name"]), "a"
            return
        if match["open"] is not None:
            callee = self._name if match["open"] == "(" else ""
            self._brackets.append(Bracket(match["open"], callee, self._keyword, match.start()))
            self._keyword = ""
        elif match["close"] is not None:
            self._keyword = self._brackets.pop().keyword if self._brackets else ""
        elif match["other"] == "=" and self._name:
            self._keyword = self._name
        elif match["other"] in {",", ";", ":"}:
            self._keyword = ""
        self._name, self._before = "", match.group()


def _end_of_string(text: str, start: int, quote: str) -> int:
    """Give the offset after a string; one that is not closed ends with its line, or with the text."""
    position = start
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text.startswith(quote, position):
            return position + len(quote)
        elif len(quote) == 1 and text[position] in "\r\n":
            return position
        else:
            position += 1
    return len(text) + 1
