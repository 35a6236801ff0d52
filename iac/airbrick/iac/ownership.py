"""Whose an object is: the marks airbrick leaves on what it makes, and what another resource stands for by now."""

import hashlib
import re
from typing import Final

from airbrick.iac.errors import ConflictError
from airbrick.iac.provider.handler import Context, Identity

MAX_TAG_VALUE: Final = 63
"""Google Cloud's limit for label values, the smallest of the three clouds'."""

_RESOURCE_DIGITS: Final = 16
_STATE_DIGITS: Final = 8


def owner(identity: Identity) -> str:
    """Give the owner mark of a resource: readable, unique, and a legal tag value on every cloud.

    It holds nothing but lower case letters, digits, ``-`` and ``_``, and ends with a hash of the resource and one of
    the state: two backends may each have a stack of the same name.

    Source: https://docs.databricks.com/aws/en/admin/account-settings/usage-detail-tags (tag limits)
    """
    resource = _digest(f"{identity.project}\n{identity.stack}\n{identity.urn}", _RESOURCE_DIGITS)
    state = _digest(identity.provider_id, _STATE_DIGITS)
    readable = f"{identity.project}-{identity.stack}-{identity.name}".lower()
    longest = MAX_TAG_VALUE - _RESOURCE_DIGITS - _STATE_DIGITS - 2
    return f"{re.sub(r'[^a-z0-9_-]+', '_', readable)[:longest]}-{resource}-{state}"


def same_resource(mark: str, other: str) -> bool:
    """Tell whether two marks name the same resource, in the same state or in two of them."""
    return mark.rpartition("-")[0] == other.rpartition("-")[0]


def _digest(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


def marked(description: str | None, mark: str) -> str:
    """Write the owner's mark behind a description, where people see who manages the object."""
    written = f"[airbrick: {mark}]"
    return f"{description} {written}" if description else written


def split_mark(description: str | None) -> tuple[str, str]:
    """Take a description and the mark behind it apart."""
    text, found, mark = (description or "").rpartition("[airbrick: ")
    return (text.removesuffix(" "), mark.removesuffix("]")) if found and mark.endswith("]") else (description or "", "")


def taken(
    service: str,
    what: str,
    identity: Identity,
    *,
    own: bool = False,
    elsewhere: tuple[str, str] | None = None,
    status: int = 0,
) -> ConflictError:
    """Say that something exists already, and what to do about it.

    :param what: what it is, such as ``cluster policy 'small'``.
    :param own: whether it is the very object that is to be replaced.
    :param elsewhere: its type token and id, where it is this resource's in another state.
    :param status: the HTTP status that told of it.
    """
    if own:
        message = "exists already: it is the one to be replaced"
        fix = f"give {identity.name} the option delete_before_replace=True, or choose another key or name"
    elif elsewhere:
        token, resource_id = elsewhere
        message = (
            f"exists already as {resource_id}, that of a stack of the same name in another state, "
            "which may still be in use"
        )
        fix = (
            "give this stack or project another name; if the other state is lost, run "
            f"`pulumi import {token} {identity.name} {resource_id}`, "
            "with --parent or --provider where the program has one"
        )
    else:
        message = "exists already, and this stack did not make it"
        fix = "set adopt=True to take it over, import it with `pulumi import`, or choose another key or name"
    return ConflictError(service=service, request=what, status=status, code="", message=message, fix=fix)


def spared(context: Context, identity: Identity, kind: str, key: str) -> bool:
    """Tell whether a deletion must leave an object, and say so: another resource stands for it by now.

    The engine deletes what was renamed or replaced last, when the new resource may have taken over that very object.
    """
    if context.is_kept(kind, key):
        context.tell(identity, f"leaves the {kind} {key!r}, which this `up` has taken over")
        return True
    if heir := context.heir(identity, kind, key):
        context.tell(identity, f"leaves the {kind} {key!r}, which is that of {heir!r} now")
        return True
    return False
