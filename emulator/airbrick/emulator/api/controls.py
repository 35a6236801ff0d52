"""The page that steers the emulator: clock, faults, plans. Its forms do what ``/_local`` does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from airbrick.emulator.api import local
from airbrick.emulator.clock import SystemClock
from airbrick.emulator.errors import ApiError
from airbrick.emulator.faults import PRESETS, FaultRule
from airbrick.emulator.html import Markup, tag
from airbrick.emulator.plans import RESULTS
from airbrick.emulator.web.parts import facts, moment, table
from airbrick.emulator.web.shell import page
from airbrick.emulator.wire import Call, Handler, Kept, Reply, Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airbrick.emulator.store import Store

_STEPS_S = {"1 s": 1, "10 s": 10, "1 min": 60, "10 min": 600, "1 h": 3600}
_NUMBERS: dict[str, Callable[[str], object]] = {
    "advance_s": float,
    "speed": float,
    "frozen": {"true": True, "false": False}.__getitem__,
    "times": int,
    "setup_s": float,
    "run_s": float,
    "attempt": int,
}


def controls(store: Store, _call: Call) -> Reply:
    """Show the forms and what is in force."""
    return _shown(store)


def _form_handler(handler: Handler) -> Handler:
    def handle(store: Store, call: Call) -> Reply:
        try:
            call.params = _read_form(call.raw)
            handler(store, call)
        except ApiError as error:
            return _shown(store, error=error.message)
        return Reply(b"", status=303, content_type="text/plain", headers={"Location": "/controls"})

    return handle


def _read_form(raw: bytes) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in parse_qsl(raw.decode("utf-8", "replace")):
        try:
            values[name] = _NUMBERS[name](text) if name in _NUMBERS else text
        except (ValueError, KeyError):
            values[name] = text
    return values


def _shown(store: Store, error: str = "") -> Reply:
    said = [tag("p", error, class_="error", role="alert")] if error else []
    return page(
        store,
        "Controls",
        *said,
        tag("h2", "Clock"),
        *_clock(store),
        tag("h2", "Faults"),
        *_faults(store),
        tag("h2", "Plans"),
        *_plans(store),
        place="/controls",
        status=400 if error else 200,
    )


def _clock(store: Store) -> list[Markup]:
    clock = local.get_clock(store, _NO_CALL)
    speed = f"{clock['speed']:g} emulated seconds per second" if clock["speed"] else "stands still until it is advanced"
    shown = facts({"Now": moment(int(clock["now_s"] * 1000)), "Speed": speed})
    if not store.admin:
        return [shown]
    steps = [tag("button", f"+ {name}", name="advance_s", value=str(seconds)) for name, seconds in _STEPS_S.items()]
    own = [
        _field("Seconds", tag("input", name="advance_s", type="number", min="0", step="any", required="")),
        tag("button", "Advance"),
    ]
    return [shown, _form("/controls/clock", *steps), _form("/controls/clock", *own), *_pace(store, clock)]


def _pace(store: Store, clock: Mapping[str, Any]) -> list[Markup]:
    if not isinstance(store.clock.inner, SystemClock):
        return []
    if not clock["speed"]:
        return [_form("/controls/clock", tag("button", "Let it go on", name="frozen", value="false"))]
    return [
        _form("/controls/clock", tag("button", "Freeze", name="frozen", value="true")),
        _form(
            "/controls/clock",
            _field(
                "Speed", tag("input", name="speed", type="number", min="0", step="any", value=f"{clock['speed']:g}")
            ),
            tag("button", "Set speed"),
        ),
    ]


def _faults(store: Store) -> list[Markup]:
    rules = store.faults.rules()
    rows = [
        [
            rule.name,
            rule.method,
            tag("code", rule.path),
            "for ever" if rule.times is None else str(rule.times),
            _effect(rule),
        ]
        for rule in rules
    ]
    titles = ("Fault", "Method", "Path", "Times", "What")
    shown = table(titles, rows, "No faults in force.", {"Path": "wide", "Times": "number"})
    if not store.admin:
        return [shown]
    add = _form(
        "/controls/faults",
        _field("Fault", _select("preset", sorted(PRESETS))),
        _field("Method", _select("method", ["*", "GET", "POST", "PUT", "PATCH", "DELETE"])),
        _field("Path, a glob", tag("input", name="path", value="/api/*", class_="path", required="")),
        _field("Times", tag("input", name="times", type="number", min="1", value="1")),
        tag("button", "Add fault", class_="main"),
    )
    return [shown, add, *([_form("/controls/faults/clear", tag("button", "Clear all faults"))] if rules else [])]


def _effect(rule: FaultRule) -> str:
    late = f"{rule.delay_s:g} s late" if rule.delay_s else ""
    old = f"{rule.stale_s:g} s old" if rule.stale_s else ""
    cut = rule.drop if rule.drop != "none" else ""
    return ", ".join(text for text in (str(rule.status or ""), cut, late, old) if text)


def _plans(store: Store) -> list[Markup]:
    plans = store.plans
    rows = [
        [tag("code", plan.job), tag("code", plan.task), plan.result, f"{plan.setup_s:g} s", f"{plan.run_s:g} s"]
        for plan in reversed(plans)
    ]
    titles = ("Jobs", "Tasks", "Result", "Set-up", "Run")
    shown = table(
        titles, rows, "No plans; simulated tasks take 7 s and succeed.", {"Set-up": "number", "Run": "number"}
    )
    if not store.admin:
        return [shown]
    add = _form(
        "/controls/plans",
        _field("Jobs, a glob", tag("input", name="job", value="*", required="")),
        _field("Tasks, a glob", tag("input", name="task", value="*", required="")),
        _field("Result", _select("result", RESULTS)),
        _field("Set-up, s", tag("input", name="setup_s", type="number", min="0", step="any", value="2")),
        _field("Run, s", tag("input", name="run_s", type="number", min="0", step="any", value="5")),
        _field("Error", tag("input", name="error", class_="path")),
        tag("button", "Add plan", class_="main"),
    )
    return [shown, add, *([_form("/controls/plans/clear", tag("button", "Clear all plans"))] if plans else [])]


def _form(action: str, *children: Markup) -> Markup:
    return tag("form", *children, method="post", action=action)


def _field(name: str, control: Markup) -> Markup:
    return tag("label", name, control)


def _select(name: str, values: Mapping[str, object] | list[str] | tuple[str, ...]) -> Markup:
    return tag("select", *(tag("option", value) for value in values), name=name)


_NO_CALL = Call("GET", "", {}, {}, b"")


def _post(path: str, handler: Handler, *, kept: Kept = "request") -> Route:
    return Route("POST", path, _form_handler(handler), access="admin", reads_json=False, kept=kept)


ROUTES = (
    Route("GET", "/controls", controls, access="local"),
    _post("/controls/clock", local.set_clock, kept="moment"),
    _post("/controls/faults", local.add_fault, kept="nothing"),
    _post("/controls/faults/clear", local.clear_faults, kept="nothing"),
    _post("/controls/plans", local.add_plan),
    _post("/controls/plans/clear", local.clear_plans),
)
