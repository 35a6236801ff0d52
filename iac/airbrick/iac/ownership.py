"""Whose an object is: the marks airbrick leaves on what it makes, and what another resource stands for by now."""

import hashlib
import re
from typing import Final

from airbrick.iac.provider.handler import Context, Identity

MAX_TAG_VALUE: Final = 63
"""Google Cloud's limit for label values, the smallest of the three clouds'."""

_HASH_DIGITS: Final = 16


def owner(identity: Identity) -> str:
    """Give the owner mark of a resource: readable, unique, and a legal tag value on every cloud.

    It holds nothing but lower case letters, digits, ``-`` and ``_``.

    Source: https://docs.databricks.com/aws/en/admin/account-settings/usage-detail-tags (tag limits)
    """
    full = f"{identity.project}\n{identity.stack}\n{identity.urn}"
    digest = hashlib.sha256(full.encode()).hexdigest()[:_HASH_DIGITS]
    readable = f"{identity.project}-{identity.stack}-{identity.name}".lower()
    readable = re.sub(r"[^a-z0-9_-]+", "_", readable)[: MAX_TAG_VALUE - _HASH_DIGITS - 1]
    return f"{readable}-{digest}"


def marked(description: str | None, mark: str) -> str:
    """Write the owner's mark behind a description, where people see who manages the object."""
    written = f"[airbrick: {mark}]"
    return f"{description} {written}" if description else written


def split_mark(description: str | None) -> tuple[str, str]:
    """Take a description and the mark behind it apart."""
    text, found, mark = (description or "").rpartition("[airbrick: ")
    return (text.removesuffix(" "), mark.removesuffix("]")) if found and mark.endswith("]") else (description or "", "")


def spared(context: Context, identity: Identity, kind: str, key: str) -> bool:
    """Tell whether a deletion must leave an object, and say so: a create of this ``up`` stands for it.

    The engine deletes what was renamed or replaced last, when the new resource may have taken over that very object.
    """
    kept = context.is_kept(kind, key)
    if kept:
        context.tell(identity, f"leaves the {kind} {key!r}, which this `up` has taken over")
    return kept
