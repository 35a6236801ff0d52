"""A record of the requests that came in, for assertions."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airbrick.emulator.wire import Call

_KEPT = 10_000
_BODY_LIMIT_BYTES = 65_536
_SECRET_FIELDS = frozenset(
    {"client_secret", "client_assertion", "access_token", "refresh_token", "password", "string_value", "bytes_value"}
)


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request. Headers are not kept, nor are credentials in bodies.

    :param at_s: when it was answered, on the emulator's clock
    :param body: the parsed JSON body; None without one, when it was not JSON or was above 64 kB
    :param status: status of the answer that the server made, even if a fault dropped it
    :param identity: who sent it; None without a valid token
    :param fault: name of the fault that hit it
    """

    at_s: float
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    size_bytes: int
    status: int
    identity: str | None
    user_agent: str
    fault: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return asdict(self)


class RequestLog:
    """The last ten thousand requests."""

    def __init__(self) -> None:
        self._noted: deque[tuple[Any, ...]] = deque(maxlen=_KEPT)

    def add(self, call: Call, *, at_s: float, status: int, fault: str | None) -> None:
        """Note a request; whoever asks for it gets a record, without credentials."""
        size_bytes = len(call.raw)
        self._noted.append(
            (
                at_s,
                call.method,
                call.path,
                call.query,
                call.body if size_bytes <= _BODY_LIMIT_BYTES else None,
                size_bytes,
                status,
                call.identity.name if call.identity else None,
                call.headers.get("user-agent", ""),
                fault,
            )
        )

    def clear(self) -> None:
        """Forget all records."""
        self._noted.clear()

    def find(self, method: str = "*", path: str = "*") -> list[RecordedRequest]:
        """Return records, oldest first.

        :param method: HTTP method, or ``*``
        :param path: glob on the path
        """
        return [
            _record(noted)
            for noted in self._noted
            if method in ("*", noted[1]) and (path in ("*", noted[2]) or fnmatchcase(noted[2], path))
        ]


def _record(noted: tuple[Any, ...]) -> RecordedRequest:
    at_s, method, path, query, body, *rest = noted
    body = _without_secrets(body) if isinstance(body, dict) else None
    return RecordedRequest(at_s, method, path, _without_secrets(query), body, *rest)


def _without_secrets(values: Mapping[str, Any]) -> Mapping[str, Any]:
    if _SECRET_FIELDS.isdisjoint(values):
        return values
    return {name: "[redacted]" if name in _SECRET_FIELDS else value for name, value in values.items()}
