"""What secrets look like.

Source: the token formats that Databricks, AWS, GitHub, Slack, Google and Azure document.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_CREDENTIALS: Final = "a password in an address"
# Each with a text that must occur, which is looked for first because that is far cheaper.
_SHAPES: Final = tuple(
    (hint, kind, re.compile(shape))
    for hint, kind, shape in (
        ("dapi", "a Databricks personal access token", r"\bdapi[0-9a-fA-F]{32}(?:-\d+)?\b"),
        ("dose", "a Databricks OAuth secret", r"\bdose[0-9a-fA-F]{32}\b"),
        ("AKIA", "an AWS access key", r"\bAKIA[0-9A-Z]{16}\b"),
        ("ASIA", "an AWS access key", r"\bASIA[0-9A-Z]{16}\b"),
        ("eyJ", "a JSON web token", r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
        (
            "PRIVATE KEY-----",
            "a private key",
            r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[^-]*(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----)?",
        ),
        ("gh", "a GitHub token", r"\bgh[pousr]_[0-9A-Za-z]{36}\b"),
        ("github_pat_", "a GitHub token", r"\bgithub_pat_\w{22,}\b"),
        ("xox", "a Slack token", r"\bxox[abeoprs]-[0-9A-Za-z-]{10,}"),
        (
            "hooks.slack.com/",
            "the address of a Slack webhook",
            r"\bhooks\.slack\.com/(?:services|workflows)/T\w{6,}/\w+/\w+",
        ),
        ("AIza", "a Google API key", r"\bAIza[\w-]{35}"),
        ("AccountKey=", "an Azure storage key", r"\bAccountKey=[0-9A-Za-z+/]{40,}={0,2}"),
        ("sig=", "a shared access signature", r"[?&]sig=[0-9A-Za-z%+/]{30,}={0,2}"),
        ("Bearer ", "a bearer token", r"\bBearer [0-9A-Za-z._~+/-]{20,}=*"),
        ("://", _CREDENTIALS, r"://[^\s:/@{}<>$\"']*:([^\s/@{}<>$\"']+)@"),
    )
)
_NAMES: Final = ("passw", "pwd", "passphrase", "token", "api_key", "apikey", "secret", "access_key", "private_key")
_NAMED: Final = re.compile(
    r"""(?:password|passwd|pwd|passphrase|(?<!idempotency_)(?<!page_)(?<!next_)(?<!continuation_)token|api_?key|secret(?:_access)?(?:_key)?|access_key|private_key)"""
    r"""["']?\s*(?::\s*\w+\s*=|[=:]|\]\s*=)\s*[rbuf]{0,2}(?P<quote>\"{3}|'{3}|["'])"""
    r"""(?P<value>(?:\\[\s\S]|(?!(?P=quote))[^\\])+)(?P=quote)""",
    re.IGNORECASE,
)
_CONNECTION: Final = re.compile(r"\b(?:password|pwd)=(?P<value>[^\s;&\"'{}<>$%]{4,})", re.IGNORECASE)
_GAPS: Final = re.compile(r"[xX*.•]+|<.*>|\[.*\]|%s|your.*|change[-_ ]?me.*|redacted|placeholder|masked", re.IGNORECASE)
_MIN_VARIETY: Final = 4
_COVERED: Final = re.compile(r"[^\r\n]")


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret in a text.

    :param kind: what it is, with its article.
    :param start: offset of its first character.
    :param end: offset after its last character.
    """

    kind: str
    start: int
    end: int


def may_hold(code: str) -> bool:
    """Tell quickly whether a file is worth searching: something has the shape of a secret, or its name."""
    return next(find(code), None) is not None or _is_named(code)


def _is_named(text: str) -> bool:
    return names_one(text) and (_NAMED.search(text) is not None or _CONNECTION.search(text) is not None)


def names_one(text: str) -> bool:
    """Tell whether a word such as ``password`` is in a text."""
    folded = text.casefold()
    return any(name in folded for name in _NAMES)


def find(text: str) -> Iterator[Secret]:
    """Find secrets by their shape; placeholders are none."""
    for hint, kind, shape in _SHAPES:
        if hint not in text:
            continue
        for match in shape.finditer(text):
            group = 1 if kind is _CREDENTIALS else 0
            value = match.group(group)
            real = not is_placeholder(value) if group else len(set(value[4:])) >= _MIN_VARIETY
            if real:
                yield Secret(kind, match.start(group), match.end(group))


def in_connection_string(text: str) -> bool:
    """Tell whether a text holds a password as ``host=db password=…`` does."""
    match = _CONNECTION.search(text) if "=" in text else None
    return match is not None and not is_placeholder(match["value"])


def is_placeholder(text: str) -> bool:
    """Tell a text that only shows where a secret belongs."""
    return _GAPS.fullmatch(text) is not None


def mask(text: str) -> str:
    """Hide whatever looks like a secret, in text of the same length.

    It hides too much rather than too little: every value behind a name such as ``password`` as well.
    """
    ranges = [(secret.start, secret.end) for secret in find(text)]
    if names_one(text):
        ranges += [match.span("value") for match in _NAMED.finditer(text)]
        # Outside a literal, password=… is an argument and its value code.
        ranges += [match.span("value") for match in _CONNECTION.finditer(text) if _is_quoted(text, match.start())]
    return cover(text, ranges)


def cover(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    """Write stars over ranges of a text; its lines stay where they are."""
    parts: list[str] = []
    done = 0
    for start, end in sorted(ranges):
        if end > done:
            parts += [text[done : max(start, done)], _COVERED.sub("*", text[max(start, done) : end])]
            done = end
    return "".join([*parts, text[done:]])


def _is_quoted(text: str, offset: int) -> bool:
    line = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    return any(text.count(quote, line, offset) % 2 for quote in ("'", '"'))
