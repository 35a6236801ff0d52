"""Faults: what goes wrong on the wire, as data."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from typing import Any, Literal

from airbrick.emulator.errors import ConfigurationError

When = Literal["before", "after"]
Drop = Literal["none", "before_headers", "mid_body"]
# Fields by the type they have, and whether they may be None, or how much they may be.
_WHOLE_NUMBERS = {"skip": False, "times": True, "seed": False, "status": True, "retry_after_s": True}
_TEXTS = {"name": False, "method": False, "path": False, "error_code": False, "message": False} | {
    "token": True,
    "text": True,
}
_NUMBERS = {"delay_s": 600.0, "stale_s": 1e9, "probability": 1.0}
_STATUSES = range(200, 600)
_CHOICES = {"when": ("before", "after"), "drop": ("none", "before_headers", "mid_body")}


@dataclass(frozen=True, slots=True)
class FaultRule:
    """A fault and the requests that it hits.

    :param name: preset's name, or the caller's own
    :param method: HTTP method, or ``*``
    :param path: glob on the path
    :param token: only requests with this bearer token; None for any
    :param skip: how many matching requests pass first
    :param times: how many are hit then; None for all
    :param probability: with which one of those is hit, from 0 to 1
    :param seed: decides which; the same seed, the same requests
    :param when: ``before`` the request has an effect, or ``after``
    :param status: status of the answer; None keeps the real answer
    :param error_code: error code of the answer
    :param message: message of the answer
    :param body: JSON object to answer in place of code and message
    :param text: what to answer in place of JSON, as it stands
    :param delay_s: real seconds by which the answer is late
    :param stale_s: emulated seconds by which what a GET shows of runs is old
    :param retry_after_s: ``Retry-After`` header
    :param drop: cut the connection ``before_headers`` or ``mid_body``
    """

    name: str = "custom"
    method: str = "*"
    path: str = "/*"
    token: str | None = field(default=None, repr=False)
    skip: int = 0
    times: int | None = 1
    probability: float = 1.0
    seed: int = 0
    when: When = "before"
    status: int | None = None
    error_code: str = "TEMPORARILY_UNAVAILABLE"
    message: str = "The service is temporarily unavailable."
    body: dict[str, Any] | None = None
    text: str | None = None
    delay_s: float = 0.0
    stale_s: float = 0.0
    retry_after_s: int | None = None
    drop: Drop = "none"

    def __post_init__(self) -> None:
        self._check_types()
        if self.status is not None and self.status not in _STATUSES:
            raise ConfigurationError(f"fault: status must be from 200 to 599, not {self.status}")
        if self.body is not None and not isinstance(self.body, dict):
            raise ConfigurationError("fault: body must be a JSON object")
        if self.text is not None and self.status is None:
            raise ConfigurationError("fault: text needs a status, such as 200")
        if self.passes and not (self.delay_s or self.stale_s):
            raise ConfigurationError("fault: give a status, a delay_s, a stale_s, or drop (before_headers or mid_body)")

    def _check_types(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise ConfigurationError(f"fault: {name} must be one of {', '.join(choices)}")
        for name, optional in _WHOLE_NUMBERS.items():
            value = getattr(self, name)
            if not (optional and value is None) and (isinstance(value, bool) or not isinstance(value, int)):
                raise ConfigurationError(f"fault: {name} must be a whole number, not {value!r}")
        for name, optional in _TEXTS.items():
            value = getattr(self, name)
            if not (isinstance(value, str) or (optional and value is None)):
                raise ConfigurationError(f"fault: {name} must be a string")
        for name, most in _NUMBERS.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
                raise ConfigurationError(f"fault: {name} must be a number from 0 to {most:g}, not {value!r}")

    def matches(self, method: str, path: str, token: str | None) -> bool:
        """Tell whether the rule covers a request."""
        if self.stale_s and method != "GET":
            return False
        known = self.token is None or self.token == token
        return known and self.method in ("*", method) and fnmatchcase(path, self.path)

    @property
    def passes(self) -> bool:
        """Whether the request is handled as ever, and its answer is only late or old."""
        return self.status is None and self.drop == "none"

    def shown(self) -> dict[str, Any]:
        """Return the rule as JSON values; of a token only the end."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return values | {"token": None if self.token is None else f"…{self.token[-4:]}"}

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
    "slow": FaultRule(name="slow", delay_s=2.0),
    "stale_read": FaultRule(name="stale_read", method="GET", stale_s=30.0),
    "bad_json": FaultRule(name="bad_json", when="after", status=200, text='{"run_id": 12, "job_'),
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
    dice: random.Random
    seen: int = 0


@dataclass(slots=True)
class FaultBook:
    """The rules in force, in the order they were added."""

    _armed: list[_Armed] = field(default_factory=list)

    def add(self, rule: FaultRule) -> None:
        """Put a rule in force."""
        self._armed.append(_Armed(rule, random.Random(rule.seed)))  # noqa: S311 - faults, not secrets

    def clear(self) -> None:
        """Take all rules out of force."""
        self._armed.clear()

    def rules(self) -> list[FaultRule]:
        """Return the rules that can still hit."""
        return [armed.rule for armed in self._armed if not _spent(armed)]

    def hit(self, method: str, path: str, token: str | None = None) -> FaultRule | None:
        """Return the rule that hits a request, and count it.

        :param method: HTTP method
        :param path: path without query
        :param token: bearer token, or None
        """
        for armed in self._armed:
            rule = armed.rule
            if _spent(armed) or not rule.matches(method, path, token):
                continue
            if armed.seen >= rule.skip and armed.dice.random() >= rule.probability:
                continue
            armed.seen += 1
            if armed.seen > rule.skip:
                return rule
        return None


def _spent(armed: _Armed) -> bool:
    return armed.rule.times is not None and armed.seen >= armed.rule.skip + armed.rule.times
