"""What a row of the table of rules is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class RuleKind(StrEnum):
    """What a row says about a field."""

    PLAIN = "plain"
    """The API returns what was sent, and adds nothing: what differs is an edit."""

    KEYED = "keyed"
    """A list whose elements are told apart by the fields in ``values``; its order means nothing."""

    DEFAULT = "default"
    """Absent means one of ``values``, on both sides."""

    FILLED = "filled"
    """The server may add the field, with one of ``values`` (any value if empty), when it was not sent."""

    MANAGED = "managed"
    """The server adds to what was sent; only what was sent is compared."""

    MANAGED_WITH = "managed_with"
    """As ``MANAGED``, for a structure in which the field named in ``values`` is set."""

    WRITE_ONLY = "write_only"
    """Accepted, never returned."""

    IDENTIFIER = "identifier"
    """A number to the API, text everywhere else: ids pass 2^53."""

    PRESENCE = "presence"
    """Being there has a meaning, even when everything inside is a default."""

    SYNONYM = "synonym"
    """``values`` are pairs: the first is another name of the second."""

    CASELESS = "caseless"
    """A text in which capitals mean nothing; the API may return it without them."""

    MAX_ITEMS = "max_items"
    """A list or map takes so many elements."""

    MAX_BYTES = "max_bytes"
    """A text takes so many bytes in UTF-8; a list or map, in its JSON representation."""

    MAX_CHARACTERS = "max_characters"
    """As ``MAX_BYTES``, counted in characters."""

    RANGE = "range"
    """A number lies between the first and the second of ``values``; ``None`` is no bound."""

    PATTERN = "pattern"
    """A text matches the regular expression; the second of ``values`` says it in words."""

    # An enumeration's own hash is written in Python, and every setting of every job asks for its rules.
    __hash__ = str.__hash__


LIMITS = frozenset({RuleKind.MAX_ITEMS, RuleKind.MAX_BYTES, RuleKind.MAX_CHARACTERS, RuleKind.RANGE, RuleKind.PATTERN})
"""Rows that say what the API refuses; they say nothing about what it returns."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A fact about one field.

    :param pattern: ``Structure.field``; in the field, ``*`` stands for any letters.
    :param values: what the kind needs, JSON values or field names.
    :param evidence: where the fact is from.
    """

    pattern: str
    kind: RuleKind
    values: tuple[Any, ...] = ()
    evidence: str = ""
