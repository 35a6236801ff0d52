"""Arguments that mean the same in every operator, checked when a DAG is parsed."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from airbrick.operators.airflow_names import conf
from airbrick.operators.errors import UsageError

CONF_SECTION: Final = "airbrick"


def seconds(name: str, value: float | timedelta | None) -> float | None:
    """Read a length of time.

    :param name: the argument, for the error.
    :raises UsageError: it is not a positive time.
    """
    if value is None:
        return None
    length: object = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(length, bool) or not isinstance(length, int | float) or not length > 0:
        raise UsageError(f"{name}={value!r}", "is not a positive time", fix="give seconds or a timedelta")
    return float(length)


def one_of(name: str, value: object, choices: Sequence[str]) -> None:
    """Refuse a value that is not among the known ones.

    :raises UsageError: it is not.
    """
    if value not in choices:
        shown = ", ".join(f'"{choice}"' for choice in choices[:-1])
        raise UsageError(f"{name}={value!r}", "is not known", fix=f'use {shown} or "{choices[-1]}"')


def is_late(value: object) -> bool:
    """Tell whether a value is known only when the task runs: it is a template or comes from another task."""
    return (isinstance(value, str) and ("{{" in value or "{%" in value)) or hasattr(value, "resolve")


def holds_late(value: object) -> bool:
    """Tell whether a value, or anything within it, is known only when the task runs."""
    if isinstance(value, Mapping):
        return any(holds_late(item) for item in (*value.keys(), *value.values()))
    if isinstance(value, list | tuple):
        return any(holds_late(item) for item in value)
    return is_late(value)


def default_deferrable() -> bool:
    """Tell whether tasks wait in the triggerer when they do not say so themselves."""
    return bool(conf.getboolean(CONF_SECTION, "default_deferrable", fallback=True))
