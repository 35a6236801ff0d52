"""Property values as the provider sees them: JSON plus secrets and values that are not known yet."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeAlias

Value: TypeAlias = Any
"""A JSON value whose leaves may also be :class:`Secret` or :data:`UNKNOWN`."""

Properties: TypeAlias = dict[str, Any]

Path: TypeAlias = tuple[str | int, ...]

SHORTEST_HIDDEN: Final = 4
"""Shorter secrets are not looked for inside other texts: they stand in ordinary words."""


class Unknown(Enum):
    """The type of :data:`UNKNOWN`."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN
"""A value that a preview cannot know."""


# Most of what is visited; told first, since asking for a Mapping takes longer.
_PLAIN: Final = (str, int, float, type(None), Unknown)
_MAPPINGS: Final = (dict, Mapping)
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A value that is encrypted in the state and never shown.

    :param value: the plain value.
    """

    value: Value

    def __repr__(self) -> str:
        return "Secret(…)"


def reveal(value: Value) -> Value:
    """Give the value without its secret marks, for the wire and for comparisons; itself where it has none."""
    return _rebuild(value, _inside_of) if is_secret(value) else value


def conceal(value: Value, *, mask: Value) -> Value:
    """Give the value with every secret replaced by ``mask``; itself where it has none."""
    return _rebuild(value, lambda _secret: mask) if is_secret(value) else value


def push_down(value: Value) -> Value:
    """Move secret marks from containers to their leaves, so that structure can be read and no leaf loses its mark."""
    if isinstance(value, Secret):
        inner = push_down(value.value)
        if isinstance(inner, Mapping):
            return {key: push_down(as_secret(item)) for key, item in inner.items()}
        if isinstance(inner, list):
            return [push_down(as_secret(item)) for item in inner]
        return as_secret(inner)
    if isinstance(value, _MAPPINGS):
        return {key: push_down(item) for key, item in value.items()}
    if isinstance(value, list):
        return [push_down(item) for item in value]
    return value


def as_secret(value: Value) -> Secret:
    """Mark a value as secret, once."""
    return value if isinstance(value, Secret) else Secret(value)


def is_secret(value: Value) -> bool:
    """Tell whether the value is or holds a secret."""
    return not isinstance(value, _PLAIN) and (isinstance(value, Secret) or any(map(is_secret, _inside(value))))


def is_unknown(value: Value) -> bool:
    """Tell whether the value is or holds something unknown."""
    return value is UNKNOWN if isinstance(value, _PLAIN) else any(map(is_unknown, _inside(value)))


def identical(left: Value, right: Value) -> bool:
    """Tell whether two values are the same in every type, mark and order of elements, with nothing unknown in them.

    Python's ``==`` takes ``True`` for ``1``; and what is unknown may become anything.
    """
    kind = type(left)
    if kind is not type(right):
        return False
    if kind in _SCALARS:
        return bool(left == right)
    if kind is dict:
        return left.keys() == right.keys() and all(map(identical, left.values(), map(right.__getitem__, left)))
    if kind is list:
        return len(left) == len(right) and all(map(identical, left, right))
    return kind is Secret and identical(left.value, right.value)


def walk(value: Value, path: Path = ()) -> Iterator[tuple[Path, Value]]:
    """Visit the value and everything inside it, secrets included, outermost first."""
    yield path, value
    if isinstance(value, _PLAIN):
        return
    if isinstance(value, Secret):
        yield from walk(value.value, path)
    elif isinstance(value, _MAPPINGS):
        for key, item in value.items():
            yield from walk(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk(item, (*path, index))


def secret_texts(value: Value) -> frozenset[str]:
    """Give every text inside a secret, to keep it out of messages."""
    if not is_secret(value):
        return frozenset()
    found = (item.value for _, item in walk(value) if isinstance(item, Secret))
    return frozenset(leaf for inner in found for _, leaf in walk(reveal(inner)) if isinstance(leaf, str) and leaf)


def conceal_known(value: Value, *, prior: Value) -> Value:
    """Mark every text as secret that is or holds a secret of ``prior``, wherever it stands now.

    A text that ``prior`` also holds in plain stays plain.
    """
    secrets = secret_texts(prior)
    if not secrets:
        return value
    plain = frozenset(leaf for _, leaf in walk(conceal(prior, mask=None)) if isinstance(leaf, str))
    return _mark(value, secrets, plain)


def _mark(value: Value, secrets: frozenset[str], plain: frozenset[str]) -> Value:
    if isinstance(value, _MAPPINGS):
        return {key: _mark(item, secrets, plain) for key, item in value.items()}
    if isinstance(value, list):
        return [_mark(item, secrets, plain) for item in value]
    if not isinstance(value, str) or value in plain:
        return value
    known = value in secrets or any(secret in value for secret in secrets if len(secret) >= SHORTEST_HIDDEN)
    return Secret(value) if known else value


def render_path(path: Path) -> str:
    """Write a path in Pulumi's syntax, such as ``tasks[0].notebook_task.notebook_path``.

    Source: https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/
    """
    text = ""
    for segment in path:
        if isinstance(segment, int):
            text += f"[{segment}]"
        elif segment.isidentifier():
            text += f".{segment}" if text else segment
        else:
            text += '["' + segment.replace("\\", "\\\\").replace('"', '\\"') + '"]'
    return text


def _inside(value: Value) -> Iterable[Value]:
    if isinstance(value, Secret):
        return (value.value,)
    if isinstance(value, _MAPPINGS):
        return value.values()
    return value if isinstance(value, list) else ()


def _inside_of(secret: Secret) -> Value:
    return reveal(secret.value)


def _rebuild(value: Value, replace: Callable[[Secret], Value]) -> Value:
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Secret):
        return replace(value)
    if isinstance(value, _MAPPINGS):
        return {key: _rebuild(item, replace) for key, item in value.items()}
    if isinstance(value, list):
        return [_rebuild(item, replace) for item in value]
    return value
