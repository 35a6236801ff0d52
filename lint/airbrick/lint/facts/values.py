"""Facts about values, and the values themselves.

A fact has one of three forms. :class:`Known`: the value, and where it was written. :class:`Absent`: it is
proved that there is none. :class:`Unknown`: the file alone does not tell, and why. Rules report what is
known or proved absent, and stay silent on the rest.

Facts and places are never changed. They are not frozen dataclasses only because thousands are made for
every file, and a frozen one takes four times as long to make.

Plain Python objects stand for text, numbers, booleans and ``None``. The classes of this module stand for
everything else.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import libcst as cst

    from airbrick.lint.parsed import ParsedFile
    from airbrick.lint.source import Span


@dataclass(slots=True, eq=False, repr=False)
class Place:
    """Where a value was written."""

    file: "ParsedFile"
    node: "cst.CSTNode"

    @property
    def span(self) -> "Span":
        """Lines and columns of the place."""
        return self.file.span(self.node)

    def __repr__(self) -> str:
        return f"Place({self.file.source.path}:{self.span.line}:{self.span.column})"


NUMBER_BITS_MAX: Final = 128
"""Integers beyond ids and amounts mean nothing to a rule, and Python refuses to compute with some of them."""


@dataclass(slots=True, eq=False)
class Known:
    """A value that the code states.

    :param where: the expression that states it.
    """

    value: object
    where: Place | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Absent:
    """A value that provably was not given."""


@dataclass(slots=True, eq=False)
class Unknown:
    """A value that cannot be told from the code.

    :param why: the reason, to follow the words "is not known:".
    """

    why: str
    where: Place | None = None


Fact: TypeAlias = Known | Absent | Unknown

ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Pattern:
    """Text that is known in part, such as an f-string.

    :param parts: the pieces in order; ``None`` for one that is not known.
    :param sources: what the unknown pieces are made of, as far as the code tells.
    """

    parts: tuple[str | None, ...]
    sources: tuple["Known", ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """Something imported or built in, by its full name.

    :param names: dotted names; several after ``try: import … except ImportError: import …``. What an
        attribute of a call's result is called shows the call: ``databricks.sdk.WorkspaceClient().jobs``.
    :param home: the folder of the file that imports it, where a module of its own project is looked for.
    :param stand_in: the name of the project's own class that stands for it; empty when it is what is meant itself.
    :param receiver: the call whose result it is an attribute of.
    """

    names: tuple[str, ...]
    home: Path | None = None
    stand_in: str = ""
    receiver: "CallValue | None" = field(default=None, compare=False, repr=False)

    def attribute(self, name: str) -> "Reference":
        """Give the reference to an attribute."""
        return Reference(tuple(f"{own}.{name}" for own in self.names), self.home, receiver=self.receiver)


@dataclass(frozen=True, slots=True, eq=False)
class OneOf:
    """One of several values, depending on the way the program took."""

    alternatives: tuple[Known, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """The result of an operator such as ``-``, which is not told but known to depend on its operands."""

    operands: tuple[Known, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """A loop or a comprehension.

    :param turns: how often its body runs; ``None`` when that is decided outside the code.
    :param unrolled: whether each turn was followed by itself.
    """

    turns: int | None
    unrolled: bool


class Region:
    """A stretch of code that runs as a whole or not at all: a branch, a loop's body, a function's."""

    __slots__ = ("parent",)

    def __init__(self, parent: "Region | None" = None) -> None:
        self.parent = parent

    def contains(self, other: "Region | None") -> bool:
        """Tell whether another region is this one or lies within it."""
        while other is not None:
            if other is self:
                return True
            other = other.parent
        return False


class Entry(NamedTuple):
    """One entry of a dict.

    :param key_place: where the key was written.
    """

    fact: Fact
    key_place: Place | None = None


@dataclass(slots=True, eq=False)
class DictValue:
    """A dict.

    Only the engine changes one, as the code it follows does; what a rule sees is a copy taken when
    the operator was built.

    :param open: why further keys may exist; ``None`` when the entries are all there are.
    :param region: where it was created, which decides how surely a later change happens.
    """

    entries: dict[Hashable, Entry] = field(default_factory=dict)
    open: Unknown | None = None
    region: Region | None = None

    def get(self, key: Hashable) -> Fact:
        """Give the fact about a key."""
        entry = self.entries.get(key)
        if entry is not None:
            return entry.fact
        return self.open or ABSENT

    def items(self) -> Iterator[tuple[Hashable, Fact]]:
        """Give keys and facts."""
        return ((key, entry.fact) for key, entry in self.entries.items())


@dataclass(slots=True, eq=False)
class ListValue:
    """A list, tuple or set; changed by the engine only, as :class:`DictValue` is.

    :param open: why further items may exist.
    :param size: how many items there are where they are not listed, such as those of a long ``range``.
    """

    items: list[Fact] = field(default_factory=list)
    open: Unknown | None = None
    kind: Literal["list", "tuple", "set"] = "list"
    region: Region | None = None
    size: int | None = None

    @property
    def length(self) -> int | None:
        """How many items there are; ``None`` when that is not known."""
        return len(self.items) if self.open is None else self.size


@dataclass(slots=True, eq=False)
class Arguments:
    """The arguments of a call.

    :param call: the call.
    :param keywords: by name; ``key_place`` is the value where it stands in the call, or the key in a splat.
    :param more_positional: why further positional arguments may exist.
    """

    call: Place
    positional: list[Fact] = field(default_factory=list)
    keywords: DictValue = field(default_factory=DictValue)
    more_positional: Unknown | None = None

    @property
    def open(self) -> Unknown | None:
        """Why further keyword arguments may exist."""
        return self.keywords.open

    def get(self, name: str) -> Fact:
        """Give the fact about a keyword argument."""
        return self.keywords.get(name)


@dataclass(frozen=True, slots=True, eq=False)
class CallValue:
    """What a call into code outside this file returns; the call is known, its result is not."""

    callee: Reference
    arguments: Arguments


@dataclass(frozen=True, slots=True, eq=False)
class PartialValue:
    """``functools.partial`` of something."""

    callee: Fact
    arguments: Arguments


@dataclass(frozen=True, slots=True, eq=False)
class MethodValue:
    """An attribute of a value, ready to be called."""

    receiver: object
    name: str


def is_template(text: str) -> bool:
    """Tell whether Airflow renders a text with Jinja before it is used."""
    return "{{" in text or "{%" in text


def literal_text(fact: Fact) -> str | None:
    """Give a text that is fully known and not a template, else ``None``."""
    if isinstance(fact, Known) and isinstance(fact.value, str) and not is_template(fact.value):
        return fact.value
    return None


def truth(fact: Fact) -> bool | None:
    """Give the truth of a value as Python sees it; ``None`` when it is not known."""
    if not isinstance(fact, Known):
        return None
    value = fact.value
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return bool(value)
    if isinstance(value, DictValue):
        return True if value.entries else (False if value.open is None else None)
    if isinstance(value, ListValue):
        return True if value.items else (False if value.open is None else None)
    if isinstance(value, OneOf):
        truths = {truth(alternative) for alternative in value.alternatives}
        return truths.pop() if len(truths) == 1 else None
    return None


def sources_of(*facts: Fact) -> tuple[Known, ...]:
    """Give what a computed value depends on: calls and other computed values among facts."""
    found: list[Known] = []
    for fact in facts:
        if isinstance(fact, Known):
            if isinstance(fact.value, Pattern):
                found.extend(fact.value.sources)
            elif isinstance(fact.value, CallValue | Computed) or _is_of_call(fact.value):
                found.append(fact)
    return tuple(found)


def _is_of_call(value: object) -> bool:
    """Tell whether a value is an attribute of what a call returns."""
    return isinstance(value, Reference) and "(" in value.names[0]


def parts_of(fact: Fact) -> tuple[str | None, ...]:
    """Give the pieces of a value as text; a single ``None`` when nothing is known."""
    if isinstance(fact, Known):
        if isinstance(fact.value, Pattern):
            return fact.value.parts
        if isinstance(fact.value, str | int | float | bool):
            return (str(fact.value),)
    return (None,)
