"""What crosses the wire: calls with their parameters, replies, routes.

Clients disagree on where a GET carries its parameters (the query, or a JSON body), so both are read.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl

import orjson

from airbrick.emulator.errors import invalid_parameter, malformed_request

if TYPE_CHECKING:
    from airbrick.emulator.auth import Identity
    from airbrick.emulator.store import Store

JSON_TYPE = "application/json"
MAX_DEPTH = 64
READING = frozenset({"GET", "HEAD"})
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_INT64_LIMIT = 1 << 63
_SEGMENT = re.compile(r"\{(\w+)\}")
_GREEDY = re.compile(r"\{(\w+)\*\}")

# What a journal keeps of a request that changed something.
Kept = Literal["request", "moment", "nothing"]
Access = Literal["token", "public", "local", "admin", "process"]


@dataclass(frozen=True, slots=True)
class Later:
    """An answer that has to wait for something; others are answered meanwhile.

    :param wait: waits; must not touch the workspace
    :param finish: makes the answer, as a handler does
    """

    wait: Callable[[], Awaitable[None]]
    finish: Callable[[], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    :param body: an object to send as JSON, or bytes to send as they are
    :param status: HTTP status
    :param content_type: media type
    :param headers: further headers
    :param later: makes the answer that is sent in place of this one
    """

    body: Mapping[str, Any] | list[Any] | bytes
    status: int = 200
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)
    later: Later | None = None

    def encode(self) -> bytes:
        """Return the body as bytes."""
        return self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)


@dataclass(slots=True)
class Call:
    """A request, read.

    :param params: values of query and body together; the body wins
    :param body: the parsed JSON body, or None
    :param path_params: values of the ``{name}`` parts of the route's path
    :param identity: who asks; whoever is named before the call is handled is believed
    :param changes: whether it changed the workspace though it is a GET
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    body: Any = None
    params: dict[str, Any] = field(default_factory=dict)
    path_params: Mapping[str, str] = field(default_factory=dict)
    identity: Identity | None = None
    query_string: bytes = b""
    changes: bool = False

    def whoami(self) -> Identity:
        """Return who asks; only routes that need a token may ask this."""
        if self.identity is None:
            raise AssertionError(f"{self.path} is public")
        return self.identity

    def integer(self, name: str) -> int:
        """Return a required 64-bit integer."""
        value = self.optional_integer(name)
        if value is None:
            raise invalid_parameter(f"Missing required field: {name}")
        return value

    def optional_integer(self, name: str) -> int | None:
        """Return a 64-bit integer, given as a number or as digits, or None."""
        return read_integer(name, self.params.get(name))

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean, given as such or as ``true`` or ``false``; databricks-sdk writes some in capitals."""
        value = self.params.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        raise invalid_parameter(f"{name} must be true or false")

    def text(self, name: str) -> str:
        """Return a required string that is not empty."""
        value = self.optional_text(name)
        if not value:
            raise invalid_parameter(f"Missing required field: {name}")
        return value

    def optional_text(self, name: str) -> str | None:
        """Return a string or None."""
        value = self.params.get(name)
        if value is None or isinstance(value, str):
            return value
        raise invalid_parameter(f"{name} must be a string")

    def texts(self, name: str) -> list[str]:
        """Return the strings of a list, given as such in the body or as a repeated name in the query."""
        value = self.params.get(name)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        if value is None or isinstance(value, str):
            pairs = parse_qsl(self.query_string.decode("ascii", "replace"), keep_blank_values=True)
            return [item for key, item in pairs if key == name]
        raise invalid_parameter(f"{name} must be a list of strings")

    def choice(self, name: str, choices: Collection[str]) -> str | None:
        """Return one of several strings, or None."""
        value = self.optional_text(name) or None
        if value is not None and value not in choices:
            raise invalid_parameter(f"{name} must be one of {', '.join(choices)}")
        return value


def read_integer(name: str, value: object) -> int | None:
    """Return a 64-bit integer, given as a number or as digits, or None.

    :raises ApiError: the value is something else
    """
    if value is None or value == "":
        return None
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -_INT64_LIMIT <= value < _INT64_LIMIT:
        raise invalid_parameter(f"{name} must be a 64-bit integer")
    return value


def read_body(call: Call) -> None:
    """Parse a JSON body and merge it with the query into the call's parameters.

    :raises ApiError: the body is not a JSON object
    """
    call.params = dict(call.query)
    if not call.raw.strip():
        return
    try:
        call.body = orjson.loads(call.raw)
    except orjson.JSONDecodeError as error:
        raise malformed_request(
            f"Could not parse the request body as JSON: {error.msg} at line {error.lineno} column {error.colno}"
        ) from None
    if not isinstance(call.body, dict):
        raise malformed_request("The request body must be a JSON object")
    if call.raw.count(b"[") + call.raw.count(b"{") > MAX_DEPTH and _is_deeper(call.body, MAX_DEPTH):
        raise malformed_request(f"The request body is nested deeper than {MAX_DEPTH} levels")
    call.params.update(call.body)


def _is_deeper(value: Any, limit: int) -> bool:  # noqa: ANN401 - JSON values are of any type
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


Handler = Callable[["Store", Call], "Reply | Mapping[str, Any]"]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path that the emulator answers.

    :param path: literal, with ``{name}`` for one path segment or ``{name*}`` for all that is left
    :param access: ``token`` (a bearer token), ``public``, ``local`` (loopback only; never recorded, never faulty),
        ``admin`` (as ``local``, and refused when the emulator was started without administration), or ``process``
        (code in the emulator's own process; nobody else finds it)
    :param reads_json: False for a handler that reads the raw body itself
    :param kept: the request; or, when only time passed, the moment; or nothing that outlives the emulator
    """

    method: str
    path: str
    handler: Handler
    access: Access = "token"
    reads_json: bool = True
    kept: Kept = "request"


Found = tuple[Route, Mapping[str, str]]


class Router:
    """Finds the route of a request.

    :param routes: all routes; a path and method may occur once
    """

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._exact: dict[tuple[str, str], Route] = {}
        self._patterns: list[tuple[str, re.Pattern[str], Route]] = []
        self._paths: set[str] = set()
        for route in routes:
            if "{" in route.path:
                pattern = re.compile(_GREEDY.sub(r"(?P<\1>.+)", _SEGMENT.sub(r"(?P<\1>[^/]+)", route.path)))
                self._patterns.append((route.method, pattern, route))
                continue
            if route.access != "process":
                self._paths.add(route.path)
            if self._exact.setdefault((route.method, route.path), route) is not route:
                raise AssertionError(f"two routes for {route.method} {route.path}")

    def knows(self, path: str) -> bool:
        """Tell whether a path is answered by some method."""
        return path in self._paths or any(pattern.fullmatch(path) for _, pattern, _ in self._patterns)

    def find(self, method: str, path: str) -> Found | None:
        """Return the route and its path parameters, or None."""
        route = self._exact.get((method, path))
        if route is not None:
            return route, {}
        for pattern_method, pattern, candidate in self._patterns:
            if pattern_method == method and (match := pattern.fullmatch(path)):
                return candidate, match.groupdict()
        return None
