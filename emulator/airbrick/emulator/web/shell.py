"""The frame of every page: head, navigation, live updates, footer."""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

from airbrick.emulator.html import Markup, tag
from airbrick.emulator.web.parts import moment
from airbrick.emulator.wire import Reply

if TYPE_CHECKING:
    from airbrick.emulator.store import Store

_PLACES = {"/": "Overview", "/jobs": "Jobs", "/runs": "Runs", "/requests": "Requests", "/controls": "Controls"}


def page(store: Store, title: str, *content: Markup, place: str = "", live: bool = False, status: int = 200) -> Reply:
    """Return a page.

    :param place: path of the entry of the navigation in which the page stands
    :param live: renew what the page shows every few seconds, until the reader pauses it
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("link", rel="icon", href="data:,"),
        tag("title", f"{title} · airbrick emulator"),
        tag("style", Markup(_asset("style.css"))),
    )
    pause = tag("button", "Pause updates", id="pause", type="button", aria_pressed="false", hidden="")
    body = tag(
        "body",
        tag("a", "Skip to content", class_="skip", href="#main"),
        tag("header", _navigation(place)),
        tag("main", tag("h1", title), tag("div", *content, id="live"), id="main", tabindex="-1"),
        tag("footer", _standing(store), *([" ", pause] if live else [])),
        *([tag("script", Markup(_asset("live.js")))] if live else []),
        **({"data_live": "1"} if live else {}),
    )
    text = "<!doctype html>" + tag("html", head, body, lang="en")
    return Reply(text.encode(), status=status, content_type="text/html; charset=utf-8", headers=headers())


@functools.cache
def headers() -> dict[str, str]:
    """Return the headers of every page: nothing from elsewhere, no frame, and only our own script."""
    digest = base64.b64encode(hashlib.sha256(_asset("live.js").encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        # With no-referrer a browser would hide the origin of our own forms.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }


@functools.cache
def _asset(name: str) -> str:
    return resources.files("airbrick.emulator.web").joinpath(name).read_text(encoding="utf-8")


def _navigation(place: str) -> Markup:
    entries = [
        tag("a", name, href=path, **({"aria_current": "page"} if path == place else {}))
        for path, name in _PLACES.items()
    ]
    brand = tag("span", "airbrick emulator", class_="brand")
    return tag("nav", brand, *entries, aria_label="Main")


def _standing(store: Store) -> Markup:
    runs = "Python tasks are executed" if store.engine is not None else "runs are simulated; no code is run"
    now = moment(int(store.clock.now() * 1000))
    return tag("span", f"{store.host} · workspace {store.workspace_id} · {runs} · clock {now}", id="standing")
