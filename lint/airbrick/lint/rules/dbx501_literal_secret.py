"""DBX501: a secret is written into the code."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import is_template
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.knowledge import secret_shapes
from airbrick.lint.model.texts import Text, texts_of
from airbrick.lint.rule import Example, Rule

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


class LiteralSecret(Rule):
    """Secrets belong to connections and secret backends."""

    code = "DBX501"
    name = "literal-secret"
    severity = Severity.ERROR
    secret = True
    summary = "A secret is written into the code"
    why = (
        "Whoever can read the repository, its history, the scheduler's disk or the code view of Airflow's web "
        "interface can use the secret, and it cannot be rotated without a commit. Revoke it, and keep its successor "
        "in an Airflow connection or a secret backend. Secrets are told by the shape of the value first, by the "
        "name they are given second; no output of the linter repeats one."
    )
    bad = (
        Example(
            """\
from airflow.sdk import task


@task
def load():
    import requests

    requests.get("https://reporter:hunter2@reports.example.com/orders", timeout=30)
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import BaseHook, task


@task
def load():
    import requests

    reports = BaseHook.get_connection("reports")
    requests.get(reports.host, auth=(reports.login, reports.password), timeout=30)
"""
        ),
    )

    def check_module(self, context: RuleContext) -> Iterator[Finding]:
        """Check the texts of the file."""
        if not secret_shapes.may_hold(context.file.source.text):
            return
        for found in texts_of(context.file.tree):
            kind = _kind(found)
            if kind is not None:
                yield context.finding(
                    self,
                    found.node,
                    f"{kind} is written into the code",
                    help="revoke it, and read its successor from an Airflow connection or a secret backend",
                )


def _kind(text: Text) -> str | None:
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


def _is_mixed(value: str) -> bool:
    """Tell a password from a word: it holds letters and something else."""
    return any(c.isalpha() for c in value) and any(not c.isalpha() for c in value)


def _entropy(value: str) -> float:
    """Measure how random a text looks, in bits a character."""
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())


RULE = LiteralSecret()
