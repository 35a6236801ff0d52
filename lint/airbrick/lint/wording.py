"""Pieces of sentences that several rules use."""

from collections.abc import Sequence

_SHOWN = 6


def listed(names: Sequence[str]) -> str:
    """List names, the first few of them."""
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def not_in_stacks(missing: Sequence[str], present: Sequence[str]) -> str:
    """Say which stacks lack something, to follow a name.

    :param missing: the stacks that lack it.
    :param present: the stacks that have it.
    """
    if present:
        return f"is not provisioned by stack {listed(missing)}, only by {listed(present)}"
    if len(missing) > 1:
        return f"is not provisioned by any stack ({listed(missing)})"
    return f"is not provisioned by stack {missing[0]}"


def call_name(full: str) -> str:
    """Shorten the full name of what is called to what a reader recognises: a class, or a module's function."""
    parts = full.split(".")
    return parts[-1] if parts[-1][:1].isupper() else ".".join(parts[-2:])
