"""``/api/2.2/jobs/runs``: reading, cancelling and deleting runs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from airbrick.emulator.api.jobs import find_job, versions
from airbrick.emulator.errors import ApiError, invalid_parameter
from airbrick.emulator.notebook_page import notebook_page
from airbrick.emulator.paging import page_token, read_limit, read_page_token
from airbrick.emulator.run import JOB_RUN, SUBMIT_RUN
from airbrick.emulator.run_state import TERMINAL
from airbrick.emulator.run_view import RunView
from airbrick.emulator.steps import step

if TYPE_CHECKING:
    from airbrick.emulator.run import Run
    from airbrick.emulator.run_book import RunBook
    from airbrick.emulator.store import Store
    from airbrick.emulator.task_view import TaskRunView
    from airbrick.emulator.timeline import TaskRunKey
    from airbrick.emulator.wire import Call

MAX_LIST_LIMIT = 25
RUN_TYPES = (JOB_RUN, SUBMIT_RUN, "WORKFLOW_RUN")
VIEWS = ("CODE", "DASHBOARDS", "ALL")


def get(store: Store, call: Call) -> dict[str, Any]:
    """Answer runs/get for a job run, or for the run of one of its tasks."""
    run_id = call.integer("run_id")
    start = read_page_token(call.optional_text("page_token")) or 0
    now = store.advance()
    run = store.runs.get(run_id)
    found, key = (run, None) if run is not None else _task_run(store, run_id)
    # A page that shows the run is no poll; it has no path.
    if call.path and store.takes_changes and step(store.runs, found, now, "polls"):
        call.changes = True
        now = store.advance()
    view = RunView(now, resolved=call.flag("include_resolved_values"))
    if key is None:
        return view.page(found, start, history=call.flag("include_history"))
    return view.task_page(view.task_view(found, key), start)


def list_runs(store: Store, call: Call) -> dict[str, Any]:
    """Answer runs/list: newest first."""
    wanted = _Wanted.read(call)
    limit = read_limit(call.optional_integer("limit"), default=20, maximum=MAX_LIST_LIMIT, zero_is_maximum=True)
    before = read_page_token(call.optional_text("page_token"))
    offset = call.optional_integer("offset") or 0
    if offset < 0:
        raise invalid_parameter("offset must be 0 or more")
    view = RunView(store.advance())
    found = list(itertools.islice(wanted.among(store.runs, before), offset, offset + limit + 1))
    show = view.expanded if call.flag("expand_tasks") else view.summary
    answer: dict[str, Any] = {"has_more": len(found) > limit}
    if found:
        answer["runs"] = [show(run) for run in found[:limit]]
    if answer["has_more"]:
        answer["next_page_token"] = page_token(found[limit - 1].position)
    return answer


@dataclass(frozen=True, slots=True)
class _Wanted:
    job_id: int | None
    active_only: bool
    completed_only: bool
    run_type: str | None
    since_ms: int | None
    until_ms: int | None

    @classmethod
    def read(cls, call: Call) -> Self:
        active_only, completed_only = call.flag("active_only"), call.flag("completed_only")
        if active_only and completed_only:
            raise invalid_parameter("active_only and completed_only cannot both be true")
        run_type = call.optional_text("run_type") or None
        if run_type not in (None, *RUN_TYPES):
            raise invalid_parameter(f"run_type must be one of {', '.join(RUN_TYPES)}")
        since_ms, until_ms = call.optional_integer("start_time_from"), call.optional_integer("start_time_to")
        return cls(call.optional_integer("job_id"), active_only, completed_only, run_type, since_ms, until_ms)

    def among(self, runs: RunBook, before: int | None) -> Iterator[Run]:
        for run in runs.newest_first(self.job_id, before=before, active_only=self.active_only):
            start_ms = int(run.created_s * 1000)
            if self.since_ms is not None and start_ms < self.since_ms:
                return
            if self.until_ms is not None and start_ms > self.until_ms:
                continue
            if self.run_type in (None, run.run_type) and not (self.completed_only and runs.is_active(run)):
                yield run


def cancel(store: Store, call: Call) -> dict[str, Any]:
    """Answer runs/cancel: asynchronous, and without effect on a run that is over."""
    run_id = call.integer("run_id")
    now = store.advance()
    run = store.runs.get(run_id) or _task_run(store, run_id)[0]
    store.runs.cancel(run, now)
    return {}


def cancel_all(store: Store, call: Call) -> dict[str, Any]:
    """Answer runs/cancel-all: the active runs of a job, or the queued runs of a job or of the workspace."""
    job_id, queued = call.optional_integer("job_id"), call.flag("all_queued_runs")
    if job_id is None and not queued:
        raise invalid_parameter("Give job_id, or all_queued_runs as true.")
    now = store.advance()
    if job_id is not None:
        find_job(store, job_id)
    for run in list(store.runs.newest_first(job_id, active_only=True)):
        if not queued or run.admitted_s is None:
            store.runs.cancel(run, now)
    return {}


def delete(store: Store, call: Call) -> dict[str, Any]:
    """Answer runs/delete; its idempotency token stays taken."""
    run_id = call.integer("run_id")
    store.advance()
    run = find_run(store, run_id)
    if store.runs.is_active(run):
        raise ApiError(400, "INVALID_STATE", f"Run {run_id} is still active; cancel it before you delete it.")
    store.runs.remove(run)
    return {}


def get_output(store: Store, call: Call) -> dict[str, Any]:
    """Answer runs/get-output for the run of a task."""
    run_id = call.integer("run_id")
    view = RunView(store.advance())
    if store.runs.get(run_id) is not None:
        raise invalid_parameter(
            "Retrieving the output of runs with multiple tasks is not supported. "
            "Please retrieve the output of each individual task run instead."
        )
    task = view.task_view(*_task_run(store, run_id))
    return {"metadata": view.task_page(task, 0), **_output(task)}


def export(store: Store, call: Call) -> dict[str, Any]:
    """Answer runs/export: the notebook of a task's run as a page."""
    run_id = call.integer("run_id")
    views = call.optional_text("views_to_export") or VIEWS[0]
    if views not in VIEWS:
        raise invalid_parameter(f"views_to_export must be one of {', '.join(VIEWS)}")
    view = RunView(store.advance())
    run = store.runs.get(run_id)
    if run is None:
        task = view.task_view(*_task_run(store, run_id))
    else:
        tasks = list(view.task_views(run))
        if len(tasks) > 1:
            raise invalid_parameter(f"Run {run_id} has several task runs; export each by its own run_id.")
        task = tasks[0]
    notebook = task.settings.get("notebook_task")
    if notebook is None:
        raise invalid_parameter(f"Run {run_id} is no run of a notebook; only those can be exported.")
    if views == "DASHBOARDS":
        return {"views": []}
    path: str = notebook["notebook_path"]
    content = notebook_page(path, store.files, _output(task))
    return {"views": [{"content": content, "name": path.rpartition("/")[2], "type": "NOTEBOOK"}]}


def find_run(store: Store, run_id: int) -> Run:
    """Return a job run.

    :raises ApiError: 400, there is none
    """
    run = store.runs.get(run_id)
    if run is None:
        raise invalid_parameter(f"Run {run_id} does not exist.")
    return run


def _output(task: TaskRunView) -> dict[str, Any]:
    attempt = task.attempt
    if attempt is None or task.state().phase not in TERMINAL:
        return {}
    output = attempt.output
    answer: dict[str, Any] = dict(output.more)
    if "notebook_task" in task.settings:
        answer["notebook_output"] = {"truncated": output.notebook_result_truncated}
        if output.notebook_result is not None:
            answer["notebook_output"]["result"] = output.notebook_result
    if attempt.child_id is not None:
        answer["run_job_output"] = {"run_id": attempt.child_id}
    if output.logs is not None:
        answer |= {"logs": output.logs, "logs_truncated": output.logs_truncated}
    if output.error is not None:
        answer["error"] = output.error
    if output.error_trace is not None:
        answer["error_trace"] = output.error_trace
    return answer


def _task_run(store: Store, run_id: int) -> tuple[Run, TaskRunKey]:
    found = store.runs.task_run(run_id)
    if found is None:
        raise invalid_parameter(f"Run {run_id} does not exist.")
    return found


ROUTES = (
    *versions("GET", "runs/get", get),
    *versions("GET", "runs/list", list_runs),
    *versions("POST", "runs/cancel", cancel),
    *versions("POST", "runs/cancel-all", cancel_all),
    *versions("POST", "runs/delete", delete),
    *versions("GET", "runs/get-output", get_output),
    *versions("GET", "runs/export", export),
)
