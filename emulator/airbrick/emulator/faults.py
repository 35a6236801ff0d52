"""Faults: what goes wrong on the wire, as data."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from typing import Any, Literal

from airbrick.emulator.errors import ConfigurationError

When = Literal["before", "after"]
Drop = Literal["none", "before_headers", "mid_body"]
_STATUSES = range(200, 600)
_CHOICES = {"when": ("before", "after"), "drop": ("none", "before_headers", "mid_body")}


@dataclass(frozen=True, slots=True)
class FaultRule:
    """A fault and the requests that it hits.

    :param name: preset's name, or the caller's own
    :param method: HTTP method, or ``*``
    :param path: glob on the path
    :param skip: how many matching requests pass first
    :param times: how many are hit then; None for all
    :param when: ``before`` the request has an effect, or ``after``
    :param status: status of the answer; None keeps the real answer
    :param error_code: error code of the answer
    :param message: message of the answer
    :param body: JSON object to answer in place of code and message
    :param retry_after_s: ``Retry-After`` header
    :param drop: cut the connection ``before_headers`` or ``mid_body``
    """

    name: str = "custom"
    method: str = "*"
    path: str = "/*"
    skip: int = 0
    times: int | None = 1
    when: When = "before"
    status: int | None = None
    error_code: str = "TEMPORARILY_UNAVAILABLE"
    message: str = "The service is temporarily unavailable."
    body: dict[str, Any] | None = None
    retry_after_s: int | None = None
    drop: Drop = "none"

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise ConfigurationError(f"fault: {name} must be one of {', '.join(choices)}")
        for name in ("skip", "times", "status", "retry_after_s"):
            value = getattr(self, name)
            optional = name != "skip"
            if not (optional and value is None) and (isinstance(value, bool) or not isinstance(value, int)):
                raise ConfigurationError(f"fault: {name} must be a whole number, not {value!r}")
        for name in ("name", "method", "path", "error_code", "message"):
            if not isinstance(getattr(self, name), str):
                raise ConfigurationError(f"fault: {name} must be a string")
        if self.status is not None and self.status not in _STATUSES:
            raise ConfigurationError(f"fault: status must be from 200 to 599, not {self.status}")
        if self.body is not None and not isinstance(self.body, dict):
            raise ConfigurationError("fault: body must be a JSON object")
        if self.status is None and self.drop == "none":
            raise ConfigurationError("fault: give a status, or drop as before_headers or mid_body")

    def matches(self, method: str, path: str) -> bool:
        """Tell whether the rule covers a request."""
        return self.method in ("*", method) and fnmatchcase(path, self.path)

    def answer(self) -> dict[str, Any]:
        """Return the JSON body of the faulty answer."""
        if self.body is not None:
            return self.body
        return {"error_code": self.error_code, "message": self.message}


PRESETS: dict[str, FaultRule] = {
    "lost_ack": FaultRule(name="lost_ack", when="after", drop="before_headers"),
    "throttle": FaultRule(
        name="throttle",
        status=429,
        error_code="REQUEST_LIMIT_EXCEEDED",
        message="Current request has to be rejected. Please try again later.",
        retry_after_s=1,
    ),
    "outage": FaultRule(name="outage", status=503),
    "half_body": FaultRule(name="half_body", when="after", drop="mid_body"),
    "token_expired": FaultRule(
        name="token_expired",
        path="/api/*",
        status=401,
        error_code="UNAUTHENTICATED",
        message="Access token is expired.",
    ),
}


def read_fault(preset: object, values: dict[str, Any]) -> FaultRule:
    """Return a rule made of a preset and changes to it.

    A ``status`` without ``drop`` turns a dropping preset into one that answers.

    :param preset: a key of :data:`PRESETS`, or None
    :param values: fields of :class:`FaultRule` to change
    :raises ConfigurationError: an unknown preset or field, or a wrong value
    """
    if preset is not None and (not isinstance(preset, str) or preset not in PRESETS):
        raise ConfigurationError(f"fault: unknown preset {preset!r}; known are {', '.join(sorted(PRESETS))}")
    known = {field.name for field in fields(FaultRule)}
    if unknown := sorted(set(values) - known):
        raise ConfigurationError(f"fault: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    if values.get("status") is not None:
        values = {"drop": "none", **values}
    if preset is None:
        return FaultRule(**values)
    return replace(PRESETS[preset], **values)


@dataclass(slots=True)
class _Armed:
    rule: FaultRule
    seen: int = 0


@dataclass(slots=True)
class FaultBook:
    """The rules in force, in the order they were added."""

    _armed: list[_Armed] = field(default_factory=list)

    def add(self, rule: FaultRule) -> None:
        """Put a rule in force."""
        self._armed.append(_Armed(rule))

    def clear(self) -> None:
        """Take all rules out of force."""
        self._armed.clear()

    def rules(self) -> list[FaultRule]:
        """Return the rules that can still hit."""
        return [armed.rule for armed in self._armed if not _spent(armed)]

    def hit(self, method: str, path: str) -> FaultRule | None:
        """Return the rule that hits a request, and count it.

        :param method: HTTP method
        :param path: path without query
        """
        for armed in self._armed:
            if not armed.rule.matches(method, path) or _spent(armed):
                continue
            armed.seen += 1
            if armed.seen > armed.rule.skip:
                return armed.rule
        return None


def _spent(armed: _Armed) -> bool:
    return armed.rule.times is not None and armed.seen >= armed.rule.skip + armed.rule.times
