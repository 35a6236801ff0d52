"""``/_local``: look into the emulator and steer it. Only this machine may; nothing here is recorded or faulty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbrick.emulator.clock import ManualClock
from airbrick.emulator.errors import ApiError, ConfigurationError, invalid_parameter
from airbrick.emulator.faults import read_fault
from airbrick.emulator.plans import read_plan
from airbrick.emulator.run_view import RunView
from airbrick.emulator.wire import Access, Call, Handler, Route

if TYPE_CHECKING:
    from airbrick.emulator.store import Store

_LISTED_RUNS = 1_000


def health(store: Store, _call: Call) -> dict[str, Any]:
    """Answer that the emulator is up."""
    return {"status": "ok", "workspace_id": store.workspace_id, "executes": store.engine is not None}


def get_clock(store: Store, _call: Call) -> dict[str, Any]:
    """Answer the moment and how fast the clock goes; 0 for a manual clock."""
    manual = isinstance(store.clock, ManualClock)
    return {"now_s": store.clock.now(), "speed": 0 if manual else store.clock.speed}


def advance_clock(store: Store, call: Call) -> dict[str, Any]:
    """Let time pass: ``{"advance_s": 60}``."""
    if not isinstance(store.clock, ManualClock):
        raise invalid_parameter("this emulator's clock runs by itself; start it with --manual-clock to advance it")
    seconds = call.params.get("advance_s")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < float("inf"):
        raise invalid_parameter("advance_s must be a number of seconds, 0 or more")
    store.clock.advance(seconds)
    return get_clock(store, call)


def add_fault(store: Store, call: Call) -> dict[str, Any]:
    """Put a fault in force: ``{"preset": "lost_ack", "path": "/api/2.2/jobs/run-now"}``."""
    values = dict(call.params)
    preset = values.pop("preset", None)
    try:
        store.faults.add(read_fault(preset, values))
    except ConfigurationError as error:
        raise invalid_parameter(str(error)) from None
    return list_faults(store, call)


def list_faults(store: Store, _call: Call) -> dict[str, Any]:
    """Answer the faults in force."""
    return {"faults": store.faults.rules()}


def clear_faults(store: Store, call: Call) -> dict[str, Any]:
    """Take all faults out of force."""
    store.faults.clear()
    return list_faults(store, call)


def add_plan(store: Store, call: Call) -> dict[str, Any]:
    """Add a plan for coming runs: ``{"job": "nightly*", "result": "FAILED"}``."""
    try:
        plan = read_plan(call.params)
    except ConfigurationError as error:
        raise invalid_parameter(str(error)) from None
    store.plans = (*store.plans, plan)
    return list_plans(store, call)


def list_plans(store: Store, _call: Call) -> dict[str, Any]:
    """Answer the plans; the last one that matches wins."""
    return {"plans": store.plans}


def clear_plans(store: Store, call: Call) -> dict[str, Any]:
    """Drop all plans."""
    store.plans = ()
    return list_plans(store, call)


def list_requests(store: Store, call: Call) -> dict[str, Any]:
    """Answer the recorded requests, oldest first."""
    method, path = call.optional_text("method") or "*", call.optional_text("path") or "*"
    return {"requests": store.requests.find(method, path)}


def clear_requests(store: Store, _call: Call) -> dict[str, Any]:
    """Forget the recorded requests."""
    store.requests.clear()
    return {"requests": []}


def list_runs(store: Store, call: Call) -> dict[str, Any]:
    """Answer the newest thousand runs with their tasks."""
    view = RunView(store.advance())
    runs = []
    for run in store.runs.newest_first(call.optional_integer("job_id")):
        runs.append(view.expanded(run))
        if len(runs) == _LISTED_RUNS:
            break
    return {"runs": runs}


def state(store: Store, call: Call) -> dict[str, Any]:
    """Answer what the workspace holds; no credentials, no file contents."""
    return {
        "jobs": [
            {"job_id": job.job_id, "creator": job.creator, "settings": job.version.settings, "acl": job.permissions}
            for job in store.jobs.values()
        ],
        "files": [{"path": item.path, "object_type": item.object_type} for item in store.files.walk()],
        **list_plans(store, call),
        **list_faults(store, call),
        **list_runs(store, call),
    }


def reset(store: Store, _call: Call) -> dict[str, Any]:
    """Empty the workspace; credentials and clock stay."""
    store.advance()
    if store.is_executing():
        raise ApiError(409, "RESOURCE_CONFLICT", "runs are being executed; cancel them before a reset")
    store.clear()
    return {}


def _local(method: str, name: str, handler: Handler, access: Access = "admin") -> Route:
    return Route(method, f"/_local/{name}", handler, access=access)


ROUTES = (
    _local("GET", "health", health, "local"),
    _local("GET", "clock", get_clock),
    _local("POST", "clock", advance_clock),
    _local("GET", "faults", list_faults),
    _local("POST", "faults", add_fault),
    _local("DELETE", "faults", clear_faults),
    _local("GET", "plans", list_plans),
    _local("POST", "plans", add_plan),
    _local("DELETE", "plans", clear_plans),
    _local("GET", "requests", list_requests),
    _local("DELETE", "requests", clear_requests),
    _local("GET", "runs", list_runs),
    _local("GET", "state", state),
    _local("POST", "reset", reset),
)
