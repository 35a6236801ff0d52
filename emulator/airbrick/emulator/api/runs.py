"""``/api/2.2/jobs/run-now`` and ``/api/2.2/jobs/runs``: runs of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from airbrick.emulator.api.jobs import find_job, versions
from airbrick.emulator.errors import invalid_parameter
from airbrick.emulator.graph import select
from airbrick.emulator.paging import page_token, read_limit, read_page_token
from airbrick.emulator.run_state import TERMINAL
from airbrick.emulator.run_view import RunView
from airbrick.emulator.spec import check

if TYPE_CHECKING:
    from airbrick.emulator.run import Run
    from airbrick.emulator.store import Job, Store
    from airbrick.emulator.timeline import Output
    from airbrick.emulator.wire import Call

MAX_TOKEN_CHARS = 64
MAX_PARAMETERS_BYTES = 10_000
MAX_LIST_LIMIT = 25
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


def run_now(store: Store, call: Call) -> dict[str, Any]:
    """Answer run-now; a known idempotency token names the run it made before."""
    request = check("RunNow", call.params)
    if "job_id" not in request:
        raise invalid_parameter("Missing required field: job_id")
    token = request.get("idempotency_token") or None
    if token is not None and len(token) > MAX_TOKEN_CHARS:
        raise invalid_parameter(f"idempotency_token must have at most {MAX_TOKEN_CHARS} characters")
    known = store.runs.by_token(token) if token else None
    if known is not None:
        return _made(known)
    job = find_job(store, request["job_id"])
    if not job.version.nodes:
        raise invalid_parameter(f"Job {job.job_id} has no tasks to run.")
    overriding = _overriding(request)
    queue = request.get("queue", job.version.settings.get("queue", {}))
    run = store.runs.submit(
        job_id=job.job_id,
        version=job.version,
        now_s=store.advance(),
        creator=call.whoami().name,
        parameters=_parameters(job, request),
        overriding=overriding,
        queued=queue.get("enabled", False),
        only=_only(job, request),
        plans=store.plans,
        real=store.engine is not None,
        token=token,
    )
    if store.engine is not None and run.admitted_s is not None:
        store.engine.start(run)
    return _made(run)


def get(store: Store, call: Call) -> dict[str, Any]:
    """Answer runs/get for a job run, or for the run of one of its tasks."""
    run_id = call.integer("run_id")
    start = read_page_token(call.optional_text("page_token")) or 0
    view = _view(store)
    run = store.runs.get(run_id)
    if run is not None:
        return view.page(run, start)
    run, task_key, number = _task_run(store, run_id)
    return _as_run(view, run, view.task_run(run, task_key, number))


def list_runs(store: Store, call: Call) -> dict[str, Any]:
    """Answer runs/list: newest first."""
    active_only, completed_only = call.flag("active_only"), call.flag("completed_only")
    if active_only and completed_only:
        raise invalid_parameter("active_only and completed_only cannot both be true")
    limit = read_limit(call.optional_integer("limit"), default=20, maximum=MAX_LIST_LIMIT, zero_is_maximum=True)
    before = read_page_token(call.optional_text("page_token"))
    offset = call.optional_integer("offset") or 0
    since_ms, until_ms = call.optional_integer("start_time_from"), call.optional_integer("start_time_to")
    run_type = call.optional_text("run_type")
    view = _view(store)
    found: list[Run] = []
    for run in store.runs.newest_first(call.optional_integer("job_id"), before):
        start_ms = int(run.created_s * 1000)
        if since_ms is not None and start_ms < since_ms:
            break
        if until_ms is not None and start_ms > until_ms:
            continue
        active = store.runs.is_active(run)
        if (active_only and not active) or (completed_only and active) or run_type not in (None, "", "JOB_RUN"):
            continue
        if offset:
            offset -= 1
            continue
        found.append(run)
        if len(found) > limit:
            break
    show = view.expanded if call.flag("expand_tasks") else view.summary
    answer: dict[str, Any] = {"has_more": len(found) > limit}
    if found:
        answer["runs"] = [show(run) for run in found[:limit]]
    if answer["has_more"]:
        answer["next_page_token"] = page_token(found[limit - 1].seq)
    return answer


def cancel(store: Store, call: Call) -> dict[str, Any]:
    """Answer runs/cancel: asynchronous, and without effect on a run that is over."""
    run_id = call.integer("run_id")
    now = store.advance()
    run = store.runs.get(run_id) or _task_run(store, run_id)[0]
    store.runs.cancel(run, now)
    return {}


def get_output(store: Store, call: Call) -> dict[str, Any]:
    """Answer runs/get-output for the run of a task."""
    run_id = call.integer("run_id")
    view = _view(store)
    if store.runs.get(run_id) is not None:
        raise invalid_parameter(
            "Retrieving the output of runs with multiple tasks is not supported. "
            "Please retrieve the output of each individual task run instead."
        )
    run, task_key, number = _task_run(store, run_id)
    metadata = _as_run(view, run, view.task_run(run, task_key, number))
    answer: dict[str, Any] = {"metadata": metadata}
    if view.task_state(run, task_key, number).phase in TERMINAL and run.timeline is not None:
        attempts = run.timeline.tasks[task_key].attempts
        if attempts:
            answer |= _output(attempts[number].output, is_notebook="notebook_task" in metadata["tasks"][0])
    return answer


def _output(output: Output, *, is_notebook: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    if is_notebook:
        answer["notebook_output"] = {"truncated": output.notebook_result_truncated}
        if output.notebook_result is not None:
            answer["notebook_output"]["result"] = output.notebook_result
    if output.logs is not None:
        answer |= {"logs": output.logs, "logs_truncated": output.logs_truncated}
    if output.error is not None:
        answer["error"] = output.error
    if output.error_trace is not None:
        answer["error_trace"] = output.error_trace
    return answer


def _as_run(view: RunView, run: Run, task: dict[str, Any]) -> dict[str, Any]:
    shown = view.summary(run)
    for name in ("run_id", "run_page_url", "state", "status", "attempt_number"):
        shown[name] = task[name]
    for name in ("start_time", "end_time", "run_duration", "setup_duration", "execution_duration"):
        shown.pop(name, None)
        if name in task:
            shown[name] = task[name]
    return shown | {"run_name": task["task_key"], "original_attempt_run_id": task["run_id"], "tasks": [task]}


def _task_run(store: Store, run_id: int) -> tuple[Run, str, int]:
    found = store.runs.task_run(run_id)
    if found is None:
        raise invalid_parameter(f"Run {run_id} does not exist.")
    return found


def _view(store: Store) -> RunView:
    return RunView(store.host, store.workspace_id, store.advance())


def _made(run: Run) -> dict[str, Any]:
    return {"run_id": run.run_id, "number_in_job": run.run_id}


def _overriding(request: dict[str, Any]) -> dict[str, Any]:
    legacy = {name: request[name] for name in _LEGACY if name in request}
    if legacy and request.get("job_parameters"):
        raise invalid_parameter(f"job_parameters cannot be combined with {', '.join(legacy)}")
    for name, value in legacy.items():
        if len(orjson.dumps(value)) > MAX_PARAMETERS_BYTES:
            raise invalid_parameter(f"{name} must be at most {MAX_PARAMETERS_BYTES} bytes as JSON")
    return legacy


def _parameters(job: Job, request: dict[str, Any]) -> dict[str, str]:
    defaults = {item["name"]: item["default"] for item in job.version.settings.get("parameters", ())}
    given: dict[str, str] = request.get("job_parameters", {})
    return defaults | given


def _only(job: Job, request: dict[str, Any]) -> frozenset[str] | None:
    wanted: list[str] | None = request.get("only")
    return select(job.version.nodes, wanted) if wanted else None


ROUTES = (
    *versions("POST", "run-now", run_now),
    *versions("GET", "runs/get", get),
    *versions("GET", "runs/list", list_runs),
    *versions("POST", "runs/cancel", cancel),
    *versions("GET", "runs/get-output", get_output),
)
