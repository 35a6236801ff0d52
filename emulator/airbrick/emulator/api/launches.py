"""Endpoints that make task runs: run-now, runs/submit and runs/repair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from airbrick.emulator.api.jobs import find_job, versions
from airbrick.emulator.api.runs import find_run
from airbrick.emulator.errors import ApiError, invalid_parameter
from airbrick.emulator.graph import TASK_SUFFIX, select
from airbrick.emulator.permissions import JOBS, check_entries, creator_entries
from airbrick.emulator.repair import RepairOrder, repaired
from airbrick.emulator.run import SUBMIT_RUN
from airbrick.emulator.run_book import Order
from airbrick.emulator.settings import make_version
from airbrick.emulator.spec import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airbrick.emulator.run import Run
    from airbrick.emulator.store import Store
    from airbrick.emulator.wire import Call

MAX_TOKEN_CHARS = 64
MAX_PARAMETERS_BYTES = 10_000
_LEGACY = (
    "dbt_commands",
    "jar_params",
    "notebook_params",
    "pipeline_params",
    "python_named_params",
    "python_params",
    "spark_submit_params",
    "sql_params",
)
_ASCII_ONLY = ("python_params", "spark_submit_params")
# What runs/submit takes beside the settings of a job.
_NOT_SETTINGS = ("run_name", "idempotency_token", "access_control_list")
# What a request for one task has at its top in place of in its task.
_OF_ONE_TASK = ("existing_cluster_id", "new_cluster", "libraries", "environment_key")
ONE_TASK_KEY = "main"


def run_now(store: Store, call: Call) -> dict[str, Any]:
    """Answer run-now; a known idempotency token names the run it made before."""
    request = check("RunNow", call.params)
    token = _token(request)
    known = _known(store, token)
    if known is None:
        known = _start(store, call, request, token).run_id
    return {"run_id": known, "number_in_job": known}


def submit(store: Store, call: Call) -> dict[str, Any]:
    """Answer runs/submit: a run without a job; a known idempotency token names the run it made before."""
    request = check("SubmitRun", _as_tasks(call.params))
    token = _token(request)
    known = _known(store, token)
    if known is not None:
        return {"run_id": known}
    identity = call.whoami()
    if not request.get("tasks"):
        raise invalid_parameter("Missing required field: tasks")
    if "access_control_list" in request:
        check_entries(JOBS, request["access_control_list"], creator_entries(JOBS, identity))
    settings = {name: value for name, value in request.items() if name not in _NOT_SETTINGS}
    settings["name"] = request.get("run_name") or "Untitled"
    version = make_version(settings, identity.run_as(), store.policies)
    order = Order(
        job_id=store.ids.next(),
        version=version,
        creator=identity.name,
        plans=store.plans,
        real=store.executes,
        run_type=SUBMIT_RUN,
    )
    return {"run_id": _submit(store, order, token).run_id}


def repair(store: Store, call: Call) -> dict[str, Any]:
    """Answer runs/repair: some tasks of a run that is over run again, with the job's present settings."""
    request = check("RepairRun", call.params)
    now = store.advance()
    run = find_run(store, call.integer("run_id"))
    if store.runs.is_active(run):
        raise ApiError(400, "INVALID_STATE", f"Run {run.run_id} is still active; only a run that is over is repaired.")
    job = store.jobs.get(run.job_id)
    order = RepairOrder(
        tasks=tuple(request.get("rerun_tasks", ())),
        all_failed=request.get("rerun_all_failed_tasks", False),
        dependents=request.get("rerun_dependent_tasks", False),
        latest_repair_id=request.get("latest_repair_id"),
        plans=store.plans,
        given=request.get("job_parameters", {}),
        overriding=_overriding(request),
    )
    new = repaired(run, job.version if job is not None else run.version, order, store.ids.next())
    store.runs.repair(run, new, now, real=store.executes)
    store.advance()
    return {"repair_id": new.repair_id}


def _start(store: Store, call: Call, request: dict[str, Any], token: str | None) -> Run:
    job = find_job(store, request["job_id"])
    version = job.version
    if not version.nodes:
        raise invalid_parameter(f"Job {job.job_id} has no tasks to run.")
    queue = request.get("queue", version.settings.get("queue", {}))
    only = request.get("only")
    order = Order(
        job_id=job.job_id,
        version=version,
        creator=call.whoami().name,
        plans=store.plans,
        given=request.get("job_parameters", {}),
        overriding=_overriding(request),
        queued=queue.get("enabled", False),
        only=select(version.nodes, only) if only else None,
        real=store.executes,
    )
    return _submit(store, order, token)


def _submit(store: Store, order: Order, token: str | None) -> Run:
    run = store.runs.submit(order, store.advance(), token)
    store.advance()
    return run


def _token(request: Mapping[str, Any]) -> str | None:
    token: str | None = request.get("idempotency_token") or None
    if token is not None and len(token) > MAX_TOKEN_CHARS:
        raise invalid_parameter(f"idempotency_token must have at most {MAX_TOKEN_CHARS} characters")
    return token


def _known(store: Store, token: str | None) -> int | None:
    run_id = store.runs.by_token(token) if token else None
    if run_id is not None:
        store.advance()
        if store.runs.get(run_id) is None:
            raise invalid_parameter(
                f"The idempotency_token belongs to run {run_id}, which was deleted. Use another token for a new run."
            )
    return run_id


def _overriding(request: Mapping[str, Any]) -> dict[str, Any]:
    legacy = {name: request[name] for name in _LEGACY if name in request}
    if legacy and request.get("job_parameters"):
        raise invalid_parameter(f"job_parameters cannot be combined with {', '.join(legacy)}")
    for name, value in legacy.items():
        if len(orjson.dumps(value)) > MAX_PARAMETERS_BYTES:
            raise invalid_parameter(f"{name} must be at most {MAX_PARAMETERS_BYTES} bytes as JSON")
        if name in _ASCII_ONLY and not all(item.isascii() for item in value):
            raise invalid_parameter(f"{name} may hold ASCII characters alone")
    if "notebook_params" in legacy and "jar_params" in legacy:
        raise invalid_parameter("notebook_params cannot be combined with jar_params")
    return legacy


def _as_tasks(request: dict[str, Any]) -> dict[str, Any]:
    # Before there were jobs of several tasks, the one task stood at the top of the request.
    kinds = [name for name in request if name.endswith(TASK_SUFFIX)]
    if not kinds:
        return request
    if request.get("tasks"):
        raise invalid_parameter(f"{kinds[0]} and tasks cannot both be given")
    moved = (*kinds, *_OF_ONE_TASK)
    task = {"task_key": ONE_TASK_KEY, **{name: request[name] for name in moved if name in request}}
    return {**{name: value for name, value in request.items() if name not in moved}, "tasks": [task]}


ROUTES = (
    *versions("POST", "run-now", run_now),
    *versions("POST", "runs/submit", submit),
    *versions("POST", "runs/repair", repair),
)
