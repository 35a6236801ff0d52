"""Which texts of a file are secrets."""

import ast
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from airbrick.lint.facts.values import is_template
from airbrick.lint.knowledge import secret_shapes
from airbrick.lint.model.texts import Text, texts_of

_PASSWORD: Final = re.compile(r"(?:^|_)(?:password|passwd|pwd|passphrase)$", re.IGNORECASE)
_TOKEN: Final = re.compile(
    r"(?:^|_)(?:token|api_?key|access_?key|secret_?key|client_?secret|account_?key|private_?key|fernet_?key|encryption_?key|signing_?key)$",
    re.IGNORECASE,
)
_PUBLIC: Final = frozenset({"idempotency_token", "page_token", "next_token", "next_page_token", "continuation_token"})
# Names of secrets, paths and references to a store of secrets are no secrets.
_REFERENCE: Final = re.compile(
    r"[a-z]+[0-9]*(?:[-_./: ](?:[a-zA-Z]+[0-9]*|[0-9]+))+|.*://.*|/.*|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|\$.*"
)
_MIN_PASSWORD: Final = 6
_MIN_TOKEN: Final = 16
_MIN_ENTROPY_BITS: Final = 3.0


def kind_of(text: Text) -> str | None:
    """Give what secret a text is, with its article; ``None`` for one that is none."""
    secret = next(secret_shapes.find(text.value), None)
    if secret is not None:
        return secret.kind
    value = text.value
    if secret_shapes.in_connection_string(value):
        return "a password in a connection string"
    if (
        text.name in _PUBLIC
        or is_template(value)
        or secret_shapes.is_placeholder(value)
        or _REFERENCE.fullmatch(value)
        or " " in value
    ):
        return None
    if _PASSWORD.search(text.name) and len(value) >= _MIN_PASSWORD and _is_mixed(value):
        return "a password"
    if (
        _TOKEN.search(text.name)
        and len(value) >= _MIN_TOKEN
        and _is_mixed(value)
        and _entropy(value) > _MIN_ENTROPY_BITS
    ):
        return f"the value of {text.name}"
    return None


def tells_of_secret(name: str) -> bool:
    """Tell whether a name, such as that of a parameter, says that its value is a secret."""
    return bool(_PASSWORD.search(name) or _TOKEN.search(name)) or name.lower().endswith("secret")


def _is_mixed(value: str) -> bool:
    """Tell a password from a word: it holds letters and something else."""
    return any(c.isalpha() for c in value) and any(not c.isalpha() for c in value)


def _entropy(value: str) -> float:
    """Measure how random a text looks, in bits a character."""
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())


def literals_to_hide(tree: ast.Module) -> Iterator[ast.Constant]:
    """Give the literals that no report may repeat: the secrets, and whatever is given to a name that tells of one."""
    for text in texts_of(tree):
        named = text.name not in _PUBLIC and (_PASSWORD.search(text.name) or _TOKEN.search(text.name))
        if named or kind_of(text) is not None:
            yield text.node
