"""HTML as values: text is escaped unless it is markup already."""

from __future__ import annotations

from html import escape

_VOID = frozenset({"meta", "link", "br", "input"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str) -> Markup:
    """Return an element.

    :param children: text, which is escaped, or markup
    :param attributes: attribute values; a trailing underscore is dropped, other underscores become hyphens
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value, quote=True)}"' for key, value in attributes.items()
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: str) -> Markup:
    """Return text and markup in a row."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child) for child in children))
