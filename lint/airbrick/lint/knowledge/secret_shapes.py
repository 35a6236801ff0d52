"""What secrets look like.

Source: the token formats that Databricks, AWS, GitHub, Slack, Google and Azure document.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_SHAPES: Final = (
    ("a Databricks personal access token", r"\bdapi[0-9a-fA-F]{32}(?:-\d+)?\b"),
    ("a Databricks OAuth secret", r"\bdose[0-9a-fA-F]{32}\b"),
    ("an AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("a JSON web token", r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    ("a private key", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[^-]*(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----)?"),
    ("a GitHub token", r"\b(?:gh[pousr]_[0-9A-Za-z]{36}|github_pat_\w{22,})\b"),
    ("a Slack token", r"\bxox[abeoprs]-[0-9A-Za-z-]{10,}"),
    ("the address of a Slack webhook", r"\bhooks\.slack\.com/(?:services|workflows)/T\w{6,}/\w+/\w+"),
    ("a Google API key", r"\bAIza[\w-]{35}"),
    ("an Azure storage key", r"\bAccountKey=[0-9A-Za-z+/]{40,}={0,2}"),
    ("a shared access signature", r"[?&]sig=[0-9A-Za-z%+/]{30,}={0,2}"),
    ("a bearer token", r"\bBearer [0-9A-Za-z._~+/-]{20,}=*"),
)
_CREDENTIALS: Final = r"\b[a-z][a-z0-9+.-]*://[^\s:/@{}<>$\"']*:(?P<password>[^\s/@{}<>$\"']+)@"
_KINDS: Final = tuple(kind for kind, _ in _SHAPES)
_ANY: Final = re.compile("|".join([*(f"(?P<k{i}>{shape})" for i, (_, shape) in enumerate(_SHAPES)), _CREDENTIALS]))
_HINTS: Final = (
    *("dapi", "dose", "AKIA", "ASIA", "eyJ", "PRIVATE KEY", "gh", "xox", "hooks.slack", "AIza"),
    *("AccountKey=", "sig=", "Bearer ", "://"),
)
_NAMED: Final = re.compile(
    r"""(?:password|passwd|pwd|passphrase|token|api_?key|secret(?:_access)?(?:_key)?|access_key|private_key)"""
    r"""["']?\s*(?::\s*\w+\s*=|[=:]|\]\s*=)\s*[rbuf]?(?P<quote>["'])(?P<value>[^"']+)(?P=quote)""",
    re.IGNORECASE,
)
_GAPS: Final = re.compile(r"[xX*.•]+|<.*>|\[.*\]|%s|your.*|change[-_ ]?me.*|redacted|placeholder|masked", re.IGNORECASE)
_MIN_VARIETY: Final = 4


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
    return _NAMED.search(code) is not None or next(find(code), None) is not None


def find(text: str) -> Iterator[Secret]:
    """Find secrets by their shape; placeholders are none."""
    if not any(hint in text for hint in _HINTS):
        return
    for match in _ANY.finditer(text):
        password = match["password"]
        if password is not None:
            if not is_placeholder(password):
                yield Secret("a password in an address", match.start("password"), match.end("password"))
        elif len(set(match.group()[4:])) >= _MIN_VARIETY:
            index = next(i for i in range(len(_KINDS)) if match[f"k{i}"] is not None)
            yield Secret(_KINDS[index], match.start(), match.end())


def is_placeholder(text: str) -> bool:
    """Tell a text that only shows where a secret belongs."""
    return _GAPS.fullmatch(text) is not None


def mask(text: str) -> str:
    """Hide whatever looks like a secret, in text of the same length.

    It hides too much rather than too little: every value behind a name such as ``password`` as well.
    """
    ranges = [(secret.start, secret.end) for secret in find(text)]
    ranges += [match.span("value") for match in _NAMED.finditer(text)]
    for start, end in ranges:
        text = text[:start] + "*" * (end - start) + text[end:]
    return text
