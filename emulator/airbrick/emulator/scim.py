"""What SCIM requests say: filters, attributes and patches.

Source: RFC 7644, sections 3.4.2.2 and 3.5.2
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from airbrick.emulator.directory import ScimError

if TYPE_CHECKING:
    from airbrick.emulator.directory import Resource

_TERM = re.compile(r'\s*([\w$]+(?:\.[\w$]+)?)\s+(eq|ne|co|sw)\s+("(?:[^"\\]|\\.)*"|true|false|\d+)\s*', re.IGNORECASE)
_CONNECTOR = re.compile(r"(and|or)\b", re.IGNORECASE)
_SELECTED = re.compile(r'(\w+)\[value eq "([^"]*)"\]')
_TEXTS = ("userName", "applicationId", "displayName", "externalId", "id")
_LISTS = ("emails", "entitlements", "roles", "groups", "members")
_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "eq": lambda found, wanted: found == wanted,
    "ne": lambda found, wanted: found != wanted,
    "co": lambda found, wanted: wanted in found,
    "sw": lambda found, wanted: found.startswith(wanted),
}


class Filter:
    """A filter of a list, such as ``userName eq "a@example.com"``; ``and`` binds more closely than ``or``.

    :raises ScimError: 400 invalidFilter, the text is not understood
    """

    def __init__(self, text: str) -> None:
        self._groups: list[list[tuple[str, str, str]]] = [[]]
        place = 0
        while True:
            term = _TERM.match(text, place)
            if term is None:
                raise _invalid(text)
            self._groups[-1].append((term[1], term[2].lower(), _value(term[3], text)))
            place = term.end()
            if place == len(text):
                return
            connector = _CONNECTOR.match(text, place)
            if connector is None:
                raise _invalid(text)
            if connector[1].lower() == "or":
                self._groups.append([])
            place = connector.end()

    def matches(self, resource: Resource) -> bool:
        """Tell whether a resource passes."""
        return any(all(_holds(resource, *term) for term in group) for group in self._groups)


def selected(resource: Resource, attributes: str | None) -> Resource:
    """Return the attributes of a resource that a request names; the id is always there.

    :param attributes: names with commas between, or None for all
    """
    if not attributes:
        return resource
    names = {name.strip().partition(".")[0] for name in attributes.split(",")} | {"id", "schemas"}
    return {name: value for name, value in resource.items() if name in names}


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a resource with the right types; ``null`` means absent.

    :raises ScimError: 400 naming the attribute
    """
    given = {name: value for name, value in values.items() if value is not None and name not in ("schemas", "meta")}
    for name, value in given.items():
        if name in _TEXTS and not isinstance(value, str):
            raise ScimError(400, f"{name} must be a string", "invalidValue")
        if name == "active" and not isinstance(value, bool):
            raise ScimError(400, "active must be true or false", "invalidValue")
        if name in _LISTS and not (isinstance(value, list) and all(_has_value(item) for item in value)):
            raise ScimError(400, f"{name} must be a list of objects with a value", "invalidValue")
    return given


def patched(resource: Resource, operations: object) -> dict[str, Any]:
    """Return the attributes of a resource after a patch.

    :param operations: the request's ``Operations``
    :raises ScimError: 400, an operation is not understood
    """
    if not isinstance(operations, list):
        raise ScimError(400, "Operations must be a list", "invalidSyntax")
    values = {name: value for name, value in resource.items() if name not in ("schemas", "meta")}
    for place, operation in enumerate(operations):
        if not isinstance(operation, dict) or not isinstance(operation.get("op"), str):
            raise ScimError(400, f"Operations[{place}] must be an object with an op", "invalidSyntax")
        values = _patched_once(values, operation, f"Operations[{place}]")
    return values


def _patched_once(values: dict[str, Any], operation: dict[str, Any], where: str) -> dict[str, Any]:
    op, path, value = operation["op"].lower(), operation.get("path"), operation.get("value")
    if op not in ("add", "remove", "replace"):
        raise ScimError(400, f"{where}.op must be one of add, remove, replace", "invalidSyntax")
    if not path:
        if not isinstance(value, dict):
            raise ScimError(400, f"{where}: without a path, value must be an object", "invalidValue")
        for name, item in value.items():
            values = _patched_once(values, {"op": op, "path": name, "value": item}, where)
        return values
    if not isinstance(path, str):
        raise ScimError(400, f"{where}.path must be a string", "invalidPath")
    if op == "remove":
        return _removed(values, path, where)
    if value is None or not path.isidentifier():
        raise ScimError(400, f"{where}: value is missing, or the path {path!r:.60} is not understood", "invalidPath")
    if path in _LISTS and op == "add":
        added = value if isinstance(value, list) else [value]
        present = values.get(path, [])
        return checked({**values, path: [*present, *(item for item in added if item not in present)]})
    return checked({**values, path: value})


def _removed(values: dict[str, Any], path: str, where: str) -> dict[str, Any]:
    picked = _SELECTED.fullmatch(path)
    if picked is not None and picked[1] in _LISTS:
        name, key = picked.groups()
        return {**values, name: [item for item in values.get(name, ()) if item.get("value") != key]}
    if not path.isidentifier():
        raise ScimError(400, f"{where}.path {path!r:.60} is not understood", "invalidPath")
    return {name: item for name, item in values.items() if name != path} | ({path: []} if path in _LISTS else {})


def _holds(resource: Resource, path: str, comparison: str, wanted: str) -> bool:
    name, _, part = path.partition(".")
    values = {key.lower(): value for key, value in resource.items()}.get(name.lower())
    items = values if isinstance(values, list) else [values]
    texts = [item.get(part or "value") if isinstance(item, dict) else item for item in items]
    found = [_text(text).casefold() for text in texts if text is not None]
    compare = _COMPARISONS[comparison]
    return any(compare(text, wanted.casefold()) for text in found)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(text: str, whole: str) -> str:
    if not text.startswith('"'):
        return text.lower()
    try:
        return str(json.loads(text))
    except json.JSONDecodeError:
        raise _invalid(whole) from None


def _invalid(text: str) -> ScimError:
    return ScimError(
        400, f"The filter {text[:100]!r} is not understood; use attribute eq|ne|co|sw value", "invalidFilter"
    )


def _has_value(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("value"), str)
