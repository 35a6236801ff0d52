"""Values that differ each time a file is parsed."""

from collections.abc import Iterable
from typing import Final

from airbrick.lint.facts.values import CallValue, Computed, DictValue, Fact, Known, ListValue, OneOf, Pattern, Reference

_CLOCKS: Final = (
    "datetime.datetime.now()",
    "datetime.datetime.utcnow()",
    "datetime.datetime.today()",
    "datetime.date.today()",
    "pendulum.now()",
    "pendulum.today()",
    "pendulum.yesterday()",
    "pendulum.tomorrow()",
    "pendulum.DateTime.now()",
    "pendulum.DateTime.utcnow()",
    "pendulum.DateTime.today()",
    "airflow.utils.timezone.utcnow()",
    "airflow.sdk.timezone.utcnow()",
    "pandas.Timestamp.now()",
    "pandas.Timestamp.today()",
    "time.time()",
    "time.time_ns()",
)
_CHANCE: Final = ("uuid.uuid1()", "uuid.uuid4()", "secrets.token_hex()", "secrets.token_urlsafe()", "random.")
_TRANSPARENT: Final = ("datetime.", "pendulum.", "airflow.utils.timezone.", "airflow.sdk.timezone.", "pandas.")
"""Functions of these modules give what depends on their arguments."""
_WRITERS: Final = frozenset({"builtins.str", "builtins.int", "builtins.repr", "json.dumps", "time.strftime"})
_MAX_DEPTH: Final = 12


def moving(fact: Fact, depth: int = 0) -> Known | None:
    """Give the part of a value that the clock or chance decides when the file is parsed.

    :returns: the call, such as ``datetime.now()``; ``None`` when there is none, or the code does not tell.
    """
    if not isinstance(fact, Known) or depth > _MAX_DEPTH:
        return None
    value = fact.value
    if isinstance(value, CallValue):
        if _is_moving(f"{value.callee.names[0]}()"):
            return fact
        if not value.callee.names[0].startswith(_TRANSPARENT) and value.callee.names[0] not in _WRITERS:
            return None
    elif isinstance(value, Reference):
        return fact if "(" in value.names[0] and _is_moving(value.names[0]) else None
    return next((found for inner in _parts(value) if (found := moving(inner, depth + 1)) is not None), None)


def called(fact: Known) -> str:
    """Name the call that :func:`moving` found, for a message."""
    value = fact.value
    reference = value.callee if isinstance(value, CallValue) else value
    name = reference.names[0] if isinstance(reference, Reference) else ""
    owner, _, rest = name.partition("(")
    return f"{'.'.join(owner.split('.')[-2:])}()" if rest or isinstance(value, CallValue) else name


def _is_moving(name: str) -> bool:
    return name.startswith((*_CLOCKS, *_CHANCE))


def _parts(value: object) -> Iterable[Fact]:
    if isinstance(value, CallValue):
        return (*value.arguments.positional, *(fact for _, fact in value.arguments.keywords.items()))
    if isinstance(value, Computed):
        return value.operands
    if isinstance(value, Pattern):
        return value.sources
    if isinstance(value, DictValue):
        return (fact for _, fact in value.items())
    if isinstance(value, ListValue):
        return value.items
    return value.alternatives if isinstance(value, OneOf) else ()
