"""Pieces of pages: tables, states, moments, links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from airbrick.emulator.html import Markup, tag

_GOOD = frozenset({"SUCCESS", "SUCCESS_WITH_FAILURES"})
_BUSY = frozenset({"RUNNING", "PENDING", "TERMINATING", "QUEUED", "WAITING_FOR_RETRY"})
_IDLE = frozenset({"BLOCKED", "EXCLUDED", "DISABLED", "SKIPPED"})


def name_of(state: Mapping[str, Any]) -> str:
    """Return the one word that tells a state: its result once there is one."""
    return str(state.get("result_state", state["life_cycle_state"]))


def mood(name: str) -> str:
    """Return the class that colours a state."""
    if name in _GOOD:
        return "good"
    if name in _BUSY:
        return "busy"
    return "idle" if name in _IDLE else "bad"


def pill(name: str) -> Markup:
    """Return a state as a coloured word."""
    return tag("span", name, class_=f"state {mood(name)}")


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], empty: str, classes: Mapping[str, str]) -> Markup:
    """Return a table, or a sentence when it has no rows.

    :param classes: class of a column's cells, by title
    """
    body = [
        tag("tr", *(tag("td", cell, class_=classes.get(title, "")) for title, cell in zip(titles, row, strict=True)))
        for row in rows
    ]
    if not body:
        return tag("p", empty, class_="card note")
    head = tag("thead", tag("tr", *(tag("th", title, scope="col", class_=classes.get(title, "")) for title in titles)))
    scrolled = tag("table", head, tag("tbody", *body))
    # What can be scrolled must be reached by keyboard.
    return tag("div", scrolled, class_="card scroll", tabindex="0", role="region", aria_label=f"Table: {titles[0]}")


def facts(values: Mapping[str, str]) -> Markup:
    """Return named values; empty ones are left out."""
    pairs = [part for name, value in values.items() if value for part in (tag("dt", name), tag("dd", value))]
    return tag("dl", *pairs, class_="card facts")


def moment(milliseconds: int) -> str:
    """Return a moment in words; empty for 0."""
    if not milliseconds:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def duration(milliseconds: float | None) -> str:
    """Return a duration in words; empty for None."""
    if milliseconds is None:
        return ""
    seconds = milliseconds / 1000
    if seconds < 60:  # noqa: PLR2004 -- a minute
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"


def run_link(run: Mapping[str, Any]) -> Markup:
    """Return a link to a run's page."""
    return tag("a", str(run["run_id"]), href=f"/jobs/{run['job_id']}/runs/{run['run_id']}", class_="id")


def path_of(run: Mapping[str, Any]) -> str:
    """Return the path of the page of a run, or of a task's run."""
    url: str = run["run_page_url"]
    return urlsplit(url).path
