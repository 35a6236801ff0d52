"""Dynamic value references: ``{{job.parameters.run_date}}`` and the like."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

_REFERENCE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_PART = re.compile(r"`([^`]*)`|([^.`]+)")
# References into other namespaces are no references: they stay as they stand.
_NAMESPACES = frozenset({"job", "task", "tasks", "workspace", "input"})

Lookup = Callable[[tuple[str, ...]], object]


class UnknownReferenceError(Exception):
    """A reference into a known namespace that stands for nothing.

    :param reference: the text between the braces
    """

    def __init__(self, reference: str) -> None:
        super().__init__(f"the reference {{{{{reference}}}}} stands for nothing here")
        self.reference = reference


def resolve(text: str, lookup: Lookup) -> str:
    """Return a text with its references replaced.

    What has no known namespace is not a reference and stays as it stands.

    Source: https://docs.databricks.com/aws/en/jobs/dynamic-value-references

    :param lookup: returns what the parts of a reference stand for; raises KeyError when they stand for nothing
    :raises UnknownReferenceError: a reference into a known namespace stands for nothing
    """
    if "{{" not in text:
        return text
    return _REFERENCE.sub(lambda match: _replacement(match, lookup), text)


def resolve_all(value: Any, lookup: Lookup) -> Any:  # noqa: ANN401 - JSON values are of any type
    """Return a JSON value with the references in its strings replaced.

    :raises UnknownReferenceError: a reference into a known namespace stands for nothing
    """
    if isinstance(value, str):
        return resolve(value, lookup)
    if isinstance(value, Mapping):
        return {name: resolve_all(item, lookup) for name, item in value.items()}
    if isinstance(value, list):
        return [resolve_all(item, lookup) for item in value]
    return value


def _replacement(match: re.Match[str], lookup: Lookup) -> str:
    reference = match.group(1)
    parts = tuple(quoted or plain for quoted, plain in _PART.findall(reference))
    try:
        value = lookup(parts)
    except KeyError:
        if parts[:1] and parts[0] in _NAMESPACES and (len(parts) > 1 or parts[0] == "input"):
            raise UnknownReferenceError(reference) from None
        return match.group(0)
    return as_text(value)


def as_text(value: object) -> str:
    """Return a value as it stands in a text: strings as they are, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def moment_part(moment_s: float, form: str) -> str:
    """Return one form of a moment in UTC, such as ``iso_date``.

    :raises KeyError: there is no such form
    """
    moment = datetime.fromtimestamp(moment_s, UTC)
    forms: dict[str, Callable[[], str]] = {
        "iso_date": lambda: moment.date().isoformat(),
        "iso_datetime": lambda: moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "iso_weekday": lambda: str(moment.isoweekday()),
        "is_weekday": lambda: "true" if moment.isoweekday() <= 5 else "false",  # noqa: PLR2004 - Friday
        "timestamp_ms": lambda: str(int(moment_s * 1000)),
        "year": lambda: str(moment.year),
        "month": lambda: f"{moment.month:02}",
        "day": lambda: f"{moment.day:02}",
        "hour": lambda: f"{moment.hour:02}",
        "minute": lambda: f"{moment.minute:02}",
        "second": lambda: f"{moment.second:02}",
    }
    return forms[form]()
