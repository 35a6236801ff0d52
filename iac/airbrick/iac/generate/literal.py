"""JSON values as Python source, laid out as the common formatters do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

WIDTH: Final = 120
_INDENT: Final = "    "


@dataclass(frozen=True, slots=True)
class Expression:
    """Source that stands as it is, such as ``other.job_id``."""

    source: str


def literal(value: Any, *, indent: int = 0, used: int = 0) -> str:  # noqa: ANN401 - JSON and expressions
    """Write a value.

    :param indent: how many levels the line it starts on is indented.
    :param used: columns that the line already has before the value, and after it.
    """
    flat = _flat(value)
    if len(flat) + used <= WIDTH or not isinstance(value, Mapping | list) or not value:
        return flat
    inner, outer = _INDENT * (indent + 1), _INDENT * indent
    if isinstance(value, Mapping):
        lines = []
        for key, item in value.items():
            start = f"{inner}{_text(key)}: "
            lines.append(f"{start}{literal(item, indent=indent + 1, used=len(start) + 1)},")
        return "{\n" + "\n".join(lines) + f"\n{outer}}}"
    lines = [f"{inner}{literal(item, indent=indent + 1, used=len(inner) + 1)}," for item in value]
    return "[\n" + "\n".join(lines) + f"\n{outer}]"


def call(function: str, positional: Sequence[str], named: Mapping[str, Any], *, used: int = 0) -> str:
    """Write a call, one argument a line."""
    lines = [f"{_INDENT}{_text(value)}," for value in positional]
    for key, value in named.items():
        start = f"{_INDENT}{key}="
        lines.append(f"{start}{literal(value, indent=1, used=len(start) + 1)},")
    flat = f"{function}({', '.join([*map(_text, positional), *(f'{key}={_flat(named[key])}' for key in named)])})"
    return flat if len(flat) + used <= WIDTH else f"{function}(\n" + "\n".join(lines) + "\n)"


def _flat(value: Any) -> str:  # noqa: ANN401 - as in `literal`
    match value:
        case Expression():
            return value.source
        case str():
            return _text(value)
        case Mapping():
            return "{" + ", ".join(f"{_text(key)}: {_flat(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flat, value)) + "]"
        case _:
            return repr(value)


def _text(text: str) -> str:
    source = repr(text)
    if source.startswith("'") and '"' not in text:
        body = source[1:-1].replace("\\'", "'")
        return f'"{body}"'
    return source
