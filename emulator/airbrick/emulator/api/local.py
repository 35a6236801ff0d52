"""``/_local``: look into the emulator and steer it. Only this machine may; nothing here is recorded or faulty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbrick.emulator.clock import SystemClock
from airbrick.emulator.directory import KINDS
from airbrick.emulator.errors import ApiError, ConfigurationError, invalid_parameter
from airbrick.emulator.faults import read_fault
from airbrick.emulator.plans import read_plan
from airbrick.emulator.rate_limits import read_rate_limit
from airbrick.emulator.run_view import RunView
from airbrick.emulator.steps import step
from airbrick.emulator.wire import Access, Call, Handler, Kept, Route, read_integer

if TYPE_CHECKING:
    from airbrick.emulator.store import Store

_LISTED_RUNS = 1_000


def health(store: Store, _call: Call) -> dict[str, Any]:
    """Answer that the emulator is up."""
    return {"status": "ok", "workspace_id": store.workspace_id, "executes": store.engine is not None}


def get_clock(store: Store, _call: Call) -> dict[str, Any]:
    """Answer the moment and how fast the clock goes; 0 for one that stands still."""
    clock = store.clock.inner
    still = not isinstance(clock, SystemClock) or clock.frozen
    return {"now_s": clock.now(), "speed": 0 if still else clock.speed}


def set_clock(store: Store, call: Call) -> dict[str, Any]:
    """Let time pass, stand still or go on, go faster or slower: ``advance_s``, ``frozen``, ``speed``."""
    clock = store.clock.inner
    seconds, speed, frozen = (call.params.get(name) for name in ("advance_s", "speed", "frozen"))
    if seconds is None and speed is None and frozen is None:
        raise invalid_parameter("advance_s must be given, or frozen, or speed")
    if seconds is not None and not _is_number(seconds):
        raise invalid_parameter("advance_s must be a number of seconds, 0 or more")
    if frozen is not None and not isinstance(frozen, bool):
        raise invalid_parameter("frozen must be true or false")
    if speed is not None and not (_is_number(speed) and speed > 0):
        raise invalid_parameter("speed must be a number above 0")
    if speed is not None or frozen is not None:
        if not isinstance(clock, SystemClock):
            raise invalid_parameter("a manual clock stands still between advances; it takes advance_s alone")
        clock.set(speed=speed, frozen=frozen)
    if seconds:
        _advance(store, seconds)
    return get_clock(store, call)


def _advance(store: Store, seconds: float) -> None:
    try:
        store.clock.advance(seconds)
    except ConfigurationError as error:
        raise invalid_parameter(f"advance_s: {error}") from None


def _is_number(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and 0 <= value < float("inf")


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
    return {"faults": [rule.shown() for rule in store.faults.rules()]}


def clear_faults(store: Store, call: Call) -> dict[str, Any]:
    """Take all faults out of force."""
    store.faults.clear()
    return list_faults(store, call)


def add_rate_limit(store: Store, call: Call) -> dict[str, Any]:
    """Put a rate limit in force: ``{"path": "/api/2.2/jobs/runs/get", "per_s": 100, "burst": 10}``."""
    try:
        store.rate_limits.add(read_rate_limit(call.params), store.clock.now())
    except ConfigurationError as error:
        raise invalid_parameter(str(error)) from None
    return list_rate_limits(store, call)


def list_rate_limits(store: Store, _call: Call) -> dict[str, Any]:
    """Answer the rate limits in force."""
    return {"rate_limits": store.rate_limits.limits()}


def clear_rate_limits(store: Store, call: Call) -> dict[str, Any]:
    """Take all rate limits out of force."""
    store.rate_limits.clear()
    return list_rate_limits(store, call)


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
    return {"plans": [plan.shown() for plan in store.plans]}


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


def advance_run(store: Store, call: Call) -> dict[str, Any]:
    """Move the open attempts of a run, whose plan has progress ``manual``, one step on."""
    run_id = read_integer("run_id", call.path_params["run_id"])
    run = None if run_id is None else store.runs.get(run_id)
    if run is None:
        raise invalid_parameter(f"Run {run_id} does not exist.")
    now = store.advance()
    if not step(store.runs, run, now, "manual"):
        raise invalid_parameter(f"Run {run_id} has no open attempt whose plan has the progress 'manual'.")
    return RunView(store.advance()).expanded(run)


def state(store: Store, call: Call) -> dict[str, Any]:
    """Answer what the workspace holds; no credentials, no file contents."""
    return {
        "jobs": [
            {"job_id": job.job_id, "creator": job.creator, "settings": job.version.settings, "acl": job.permissions}
            for job in store.jobs.values()
        ],
        "files": [{"path": item.path, "object_type": item.object_type} for item in store.files.walk()],
        **_held(store),
        **list_plans(store, call),
        **list_faults(store, call),
        **list_runs(store, call),
    }


def _held(store: Store) -> dict[str, Any]:
    now = store.clock.now()
    return {
        "policies": [
            {"policy_id": key, "values": item.values, "acl": item.permissions} for key, item in store.policies.items()
        ],
        "pools": [
            {"instance_pool_id": key, "values": item.values, "acl": item.permissions}
            for key, item in store.pools.items()
        ],
        "clusters": [
            {"cluster_id": key, "state": item.advance(now), "values": item.settings, "acl": item.permissions}
            for key, item in store.clusters.items()
        ],
        "warehouses": [
            {"id": key, "state": item.advance(now), "values": item.settings, "acl": item.permissions}
            for key, item in store.warehouses.items()
        ],
        "scopes": [
            {"name": item.name, "acls": item.acls, "keys": list(item.secrets)} for item in store.secrets.scopes.values()
        ],
        "principals": {kind.path: store.directory.all(kind) for kind in KINDS},
    }


def reset(store: Store, _call: Call) -> dict[str, Any]:
    """Empty the workspace; credentials and clock stay."""
    store.advance()
    if store.is_executing():
        raise ApiError(409, "RESOURCE_CONFLICT", "runs are being executed; cancel them before a reset")
    store.clear()
    return {}


def list_workspaces(store: Store, _call: Call) -> dict[str, Any]:
    """Answer the workspaces behind this address, the first one first."""
    ids = [store.workspace_id] if store.others is None else store.others.ids()
    return {"workspaces": [{"workspace_id": workspace_id} for workspace_id in ids]}


def add_workspace(store: Store, _call: Call) -> dict[str, Any]:
    """Serve one more workspace; the one answer that holds its credentials."""
    if store.others is None:
        raise AssertionError(f"workspace {store.workspace_id} is served by nobody")
    made = store.others.add()
    return {
        "host": made.host,
        "workspace_id": made.workspace_id,
        "token": made.tokens.token,
        "client_id": made.tokens.client_id,
        "client_secret": made.tokens.client_secret,
    }


def _local(method: str, name: str, handler: Handler, access: Access = "admin", *, kept: Kept = "request") -> Route:
    return Route(method, f"/_local/{name}", handler, access=access, kept=kept)


ROUTES = (
    _local("GET", "health", health, "local"),
    _local("GET", "clock", get_clock),
    _local("POST", "clock", set_clock, kept="moment"),
    _local("GET", "faults", list_faults),
    _local("POST", "faults", add_fault, kept="nothing"),
    _local("DELETE", "faults", clear_faults, kept="nothing"),
    _local("GET", "rate-limits", list_rate_limits),
    _local("POST", "rate-limits", add_rate_limit, kept="nothing"),
    _local("DELETE", "rate-limits", clear_rate_limits, kept="nothing"),
    _local("GET", "plans", list_plans),
    _local("POST", "plans", add_plan),
    _local("DELETE", "plans", clear_plans),
    _local("GET", "requests", list_requests),
    _local("DELETE", "requests", clear_requests, kept="nothing"),
    _local("GET", "runs", list_runs),
    _local("POST", "runs/{run_id}/advance", advance_run),
    _local("GET", "state", state),
    _local("POST", "reset", reset),
    _local("GET", "workspaces", list_workspaces),
    _local("POST", "workspaces", add_workspace, kept="nothing"),
)
