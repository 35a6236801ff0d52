"""What the API refuses for being too much, too little, or badly spelled."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from airbrick.iac.settings.rule import RuleKind
from airbrick.iac.settings.shape import Shape
from airbrick.iac.values import Value, is_unknown, reveal


def beyond_limits(value: Value, shape: Shape) -> Iterator[str]:
    """Say which limits a value passes; the text never holds the value.

    :param value: of the type the shape wants.
    """
    if not shape.limits or is_unknown(value):
        return
    for kind in shape.limits:
        if said := _CHECKS[kind](value, *shape.rules[kind]):
            yield said


def _items(value: Value, limit: int) -> str:
    return f"has {len(value)} elements; it takes {limit} at most" if len(value) > limit else ""


def _bytes(value: Value, limit: int) -> str:
    size = len(_text(value).encode(errors="surrogatepass"))
    return f"has {size} bytes{_measured(value)}; it takes {limit} at most" if size > limit else ""


def _characters(value: Value, limit: int) -> str:
    size = len(_text(value))
    return f"has {size} characters{_measured(value)}; it takes {limit} at most" if size > limit else ""


def _range(value: Value, low: int | None, high: int | None) -> str:
    if (low is not None and value < low) or (high is not None and value > high):
        return f"expected {low} to {high}" if high is not None else f"expected {low} or more"
    return ""


def _pattern(value: Value, pattern: str, words: str) -> str:
    return "" if re.fullmatch(pattern, value) else f"expected {words}"


_CHECKS: Final[Mapping[RuleKind, Callable[..., str]]] = {
    RuleKind.MAX_ITEMS: _items,
    RuleKind.MAX_BYTES: _bytes,
    RuleKind.MAX_CHARACTERS: _characters,
    RuleKind.RANGE: _range,
    RuleKind.PATTERN: _pattern,
}


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    return value if isinstance(value, str) else json.dumps(reveal(value), ensure_ascii=False)


def _measured(value: Value) -> str:
    return "" if isinstance(value, str) else " as JSON"
