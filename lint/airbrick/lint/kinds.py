"""Types of values in a configuration: how each is checked, and what JSON Schema says of it.

A kind is the one place that knows a type: keys of ``[tool.airbrick]`` and options of rules both use them.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

_VERSION: Final = re.compile(r"(\d+)\.(\d+)(?:\.\d+)*")

Schema = dict[str, Any]


class WrongValueError(Exception):
    """A value is of another kind than its key wants.

    :param expected: the kind, in words.
    :param found: the value.
    :param key: the way to it inside the value that was checked; empty when it is that value.
    """

    def __init__(self, expected: str, found: object, *, key: str = "") -> None:
        self.expected = expected
        self.found = found
        self.key = key
        super().__init__(f"expected {expected}, found {_described(found)}")


def _described(value: object) -> str:
    names: Mapping[type, str] = {str: "text", bool: "a boolean", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "a table" if isinstance(value, dict) else type(value).__name__)


class Kind(ABC):
    """A type of value."""

    @abstractmethod
    def check(self, value: object) -> Any:  # noqa: ANN401 - what it gives depends on the kind
        """Give the value as the program uses it.

        :raises WrongValueError: it is of another kind.
        """

    @abstractmethod
    def schema(self) -> Schema:
        """Give what JSON Schema says of it."""


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """A text.

    :param choices: the texts that are allowed; empty when all are.
    :param make: makes what the program uses of it.
    """

    choices: tuple[str, ...] = ()
    make: Callable[[str], str] = str

    def check(self, value: object) -> str:
        """Give the text."""
        if not isinstance(value, str):
            raise WrongValueError(self._expected, value)
        if self.choices and value not in self.choices:
            raise WrongValueError(self._expected, value)
        return self.make(value)

    @property
    def _expected(self) -> str:
        return f"one of {', '.join(self.choices)}" if self.choices else "text"

    def schema(self) -> Schema:
        """Give what JSON Schema says of it."""
        return {"enum": list(self.choices)} if self.choices else {"type": "string"}


@dataclass(frozen=True, slots=True)
class Flag(Kind):
    """True or false."""

    def check(self, value: object) -> bool:
        """Give the flag."""
        if not isinstance(value, bool):
            raise WrongValueError("true or false", value)
        return value

    def schema(self) -> Schema:
        """Give what JSON Schema says of it."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Number(Kind):
    """A number.

    :param whole: whether it has no decimals.
    :param minimum: the smallest that is allowed.
    """

    whole: bool = True
    minimum: float | None = None

    def check(self, value: object) -> float:
        """Give the number."""
        accepted = int if self.whole else int | float
        if isinstance(value, bool) or not isinstance(value, accepted):
            raise WrongValueError(self._expected, value)
        if self.minimum is not None and value < self.minimum:
            raise WrongValueError(self._expected, value)
        return value

    @property
    def _expected(self) -> str:
        name = "a whole number" if self.whole else "a number"
        return name if self.minimum is None else f"{name} from {self.minimum:g}"

    def schema(self) -> Schema:
        """Give what JSON Schema says of it."""
        limit = {} if self.minimum is None else {"minimum": self.minimum}
        return {"type": "integer" if self.whole else "number", **limit}


@dataclass(frozen=True, slots=True)
class Version(Kind):
    """A version, of which major and minor count."""

    def check(self, value: object) -> tuple[int, int]:
        """Give (major, minor)."""
        match = _VERSION.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise WrongValueError('a version such as "3.1"', value)
        return int(match[1]), int(match[2])

    def schema(self) -> Schema:
        """Give what JSON Schema says of it."""
        return {"type": "string", "pattern": rf"^{_VERSION.pattern}$"}


@dataclass(frozen=True, slots=True)
class Texts(Kind):
    """A list of texts.

    :param or_one: whether a single text may stand for a list of one.
    """

    or_one: bool = False

    def check(self, value: object) -> tuple[str, ...]:
        """Give the texts."""
        if self.or_one and isinstance(value, str):
            return (value,)
        if not isinstance(value, list):
            raise WrongValueError("a list of texts", value)
        for item in value:
            if not isinstance(item, str):
                raise WrongValueError("a list of texts", item)
        return tuple(value)

    def schema(self) -> Schema:
        """Give what JSON Schema says of it."""
        listed: Schema = {"type": "array", "items": {"type": "string"}}
        return {"anyOf": [{"type": "string"}, listed]} if self.or_one else listed


@dataclass(frozen=True, slots=True)
class Table(Kind):
    """A table whose keys are free, such as patterns.

    :param of: what stands under each key.
    :param named: what the keys are, in words.
    """

    of: Kind
    named: str

    def check(self, value: object) -> tuple[tuple[str, Any], ...]:
        """Give the pairs of the table."""
        if not isinstance(value, dict):
            raise WrongValueError(f"a table of {self.named}", value)
        return tuple(self._pairs(value.items()))

    def _pairs(self, items: Iterable[tuple[str, object]]) -> Iterable[tuple[str, Any]]:
        for key, inner in items:
            try:
                yield key, self.of.check(inner)
            except WrongValueError as error:
                raise WrongValueError(error.expected, error.found, key=repr(key)) from error

    def schema(self) -> Schema:
        """Give what JSON Schema says of it."""
        return {"type": "object", "additionalProperties": self.of.schema()}


def kind_of(default: object, *, minimum: float | None = None, choices: tuple[str, ...] = ()) -> Kind:
    """Give the kind of values a default stands for.

    :param default: a flag, a number, a text, texts, or a version as (major, minor).
    :raises TypeError: nothing of its type can be configured.
    """
    if isinstance(default, bool):
        return Flag()
    if isinstance(default, int | float):
        return Number(isinstance(default, int), minimum)
    if isinstance(default, str):
        return Text(choices)
    if isinstance(default, tuple):
        return Version() if default and all(isinstance(part, int) for part in default) else Texts()
    raise TypeError(f"no option can hold {default!r}")
