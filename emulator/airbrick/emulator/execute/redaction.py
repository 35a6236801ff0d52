"""Secrets that code read, taken out of what it left behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from airbrick.emulator.timeline import Output

REDACTED = "[REDACTED]"

Secrets = Mapping[str, Mapping[str, bytes]]


def redact(output: Output, secrets: Secrets, read: Iterable[tuple[str, str]] | None) -> Output:
    """Return an output without the values of secrets.

    Source: https://docs.databricks.com/aws/en/security/secrets/redaction

    :param read: scope and key of the secrets that the code read; None when that is unknown, for all
    """
    chosen = [(scope, key) for scope, values in secrets.items() for key in values] if read is None else read
    values = {secrets[scope][key].decode("utf-8", "replace") for scope, key in chosen}
    # Longer values first: one may be part of another.
    texts = sorted((value for value in values if value.strip()), key=len, reverse=True)
    if not texts:
        return output
    return replace(
        output,
        logs=_without(output.logs, texts),
        error=_without(output.error, texts),
        error_trace=_without(output.error_trace, texts),
        notebook_result=_without(output.notebook_result, texts),
    )


def _without(text: str | None, values: list[str]) -> str | None:
    for value in values if text is not None else ():
        text = text.replace(value, REDACTED) if text is not None else None
    return text
