"""Numbers and lengths of time, as far as the code states them."""

from collections.abc import Mapping
from typing import Final

from airbrick.lint.facts.values import Absent, Arguments, CallValue, Computed, Fact, Known, OneOf
from airbrick.lint.knowledge.airflow import ENVIRONMENT_GET, TIMEDELTA_CLASSES, VARIABLE_GET

_POSITIONS: Final = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
_SECONDS: Final[Mapping[str, float]] = {
    "days": 86_400,
    "seconds": 1,
    "microseconds": 1e-6,
    "milliseconds": 1e-3,
    "minutes": 60,
    "hours": 3_600,
    "weeks": 604_800,
}


def number(fact: Fact) -> float | None:
    """Give a number; of one that is read from outside, such as ``int(os.getenv("X", 2))``, its default.

    :returns: ``None`` when the code does not tell it, or when it is one of several.
    """
    value = fact.value if isinstance(fact, Known) else None
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdecimal() else None
    if isinstance(value, CallValue):
        default = default_of(value)
        return None if default is None else number(default)
    return None


def default_of(call: CallValue) -> Fact | None:
    """Give the default of a value that is read from the environment or from a Variable of Airflow.

    :returns: ``None`` for other calls and where there is no default.
    """
    if not any(name in VARIABLE_GET or name in ENVIRONMENT_GET for name in call.callee.names):
        return None
    arguments = call.arguments
    for fact in (arguments.get("default_var"), arguments.get("default"), *arguments.positional[1:2]):
        if isinstance(fact, Known):
            return fact
    return None


def seconds(fact: Fact) -> float | None:
    """Give the length of a ``timedelta``; ``None`` when the code does not tell it."""
    value = fact.value if isinstance(fact, Known) else None
    if not isinstance(value, CallValue) or not any(name in TIMEDELTA_CLASSES for name in value.callee.names):
        return None
    return _length(value.arguments)


def _length(arguments: Arguments) -> float | None:
    if arguments.open is not None or arguments.more_positional is not None:
        return None
    given = dict(zip(_POSITIONS, arguments.positional, strict=False))
    given.update({str(name): fact for name, fact in arguments.keywords.items()})
    total = 0.0
    for name, fact in given.items():
        amount = number(fact)
        if amount is None or name not in _SECONDS:
            return None
        total += amount * _SECONDS[name]
    return total


def is_nothing(fact: Fact) -> bool:
    """Tell whether a limit provably is none: not given, ``None``, or zero."""
    if isinstance(fact, Absent):
        return True
    if not isinstance(fact, Known):
        return False
    if isinstance(fact.value, OneOf):
        return all(is_nothing(alternative) for alternative in fact.value.alternatives)
    return fact.value is None or number(fact) == 0


def is_something(fact: Fact) -> bool:
    """Tell whether a limit surely is set, whatever its value."""
    if not isinstance(fact, Known):
        return False
    if isinstance(fact.value, OneOf):
        return all(is_something(alternative) for alternative in fact.value.alternatives)
    return isinstance(fact.value, CallValue | Computed) or (fact.value is not None and not is_nothing(fact))


def interval(fact: Fact) -> float | None:
    """Give a length of time in seconds, written as a number or a ``timedelta``."""
    value = fact.value if isinstance(fact, Known) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return seconds(fact)
