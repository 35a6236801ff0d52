"""Pages for people: jobs, runs and their timelines, output, requests. They show what the API answers."""

from __future__ import annotations

import contextlib
import json
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from airbrick.emulator.api import jobs, local, runs
from airbrick.emulator.errors import ApiError
from airbrick.emulator.html import Markup, join, tag
from airbrick.emulator.run_state import TERMINAL
from airbrick.emulator.web.gantt import attempt_name, gantt
from airbrick.emulator.web.parts import duration, facts, moment, name_of, path_of, pill, run_link, table
from airbrick.emulator.web.shell import page
from airbrick.emulator.wire import Call, Handler, Reply, Route

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from airbrick.emulator.store import Store

_JOBS_ON_OVERVIEW = 10
_JOBS_ON_PAGE = 50
_RUNS_ON_PAGE = 25
_REQUESTS_ON_PAGE = 50
_SHOWN_CHARS = 20_000
_FILTERS = {"": "All", "active_only": "Active", "completed_only": "Finished"}


def home(store: Store, _call: Call) -> Reply:
    """Show counts, the newest jobs and the newest runs."""
    store.advance()
    active = sum(1 for _ in store.runs.active())
    counts = {"Jobs": len(store.jobs), "Active runs": active, "Finished runs": len(store.runs) - active}
    tiles = [tag("li", tag("b", f"{count:,}"), name, class_="card") for name, count in counts.items()]
    listed = ask(store, jobs.list_jobs, limit=_JOBS_ON_OVERVIEW)
    newest = ask(store, runs.list_runs, limit=_RUNS_ON_PAGE)
    return page(
        store,
        "Local workspace",
        tag("ul", *tiles, class_="counts"),
        tag("h2", "Newest runs"),
        _runs_table(store, newest),
        _links({"All runs": "/runs"} if newest["has_more"] else {}),
        tag("h2", "Newest jobs"),
        _jobs_table(store, listed),
        _links({"All jobs": "/jobs"} if listed["has_more"] else {}),
        place="/",
        live=True,
    )


def jobs_page(store: Store, call: Call) -> Reply:
    """Show a page of the jobs."""
    listed = _paged(store, jobs.list_jobs, call, limit=_JOBS_ON_PAGE)
    return page(store, "Jobs", _jobs_table(store, listed), _pages(call, listed), place="/jobs")


def job_page(store: Store, call: Call) -> Reply:
    """Show a job: its tasks, its runs, its settings."""
    job_id = call.path_params["job_id"]
    try:
        job = ask(store, jobs.get, job_id=job_id)
    except ApiError:
        return missing(store, f"There is no job {job_id}.")
    settings = job["settings"]
    listed = _paged(store, runs.list_runs, call, limit=_RUNS_ON_PAGE, job_id=job["job_id"])
    kinds = [
        [task["task_key"], _kind(task), ", ".join(item["task_key"] for item in task.get("depends_on", ()))]
        for task in settings.get("tasks", ())
    ]
    shown = {
        "Job id": tag("span", str(job["job_id"]), class_="id"),
        "Creator": job.get("creator_user_name", ""),
        "Created": moment(job["created_time"]),
        "Parameters": ", ".join(f"{item['name']}={item['default']}" for item in settings.get("parameters", ())),
        "Concurrent runs": str(settings.get("max_concurrent_runs", 1)),
    }
    return page(
        store,
        settings.get("name", "Job"),
        facts(shown),
        tag("h2", "Runs"),
        _runs_table(store, listed),
        _pages(call, listed),
        tag("h2", "Tasks"),
        table(("Task", "Kind", "After"), kinds, "No tasks.", {"After": "wide"}),
        *([tag("p", "The first 100 tasks.", class_="note")] if job.get("has_more") else []),
        tag("h2", "Settings"),
        tag("details", tag("summary", "As JSON"), tag("pre", _json(settings), tabindex="0"), class_="card", id="json"),
        place="/jobs",
        live=True,
    )


def runs_page(store: Store, call: Call) -> Reply:
    """Show a page of the runs of all jobs."""
    chosen = call.query.get("show", "")
    limits = {chosen: True} if chosen in _FILTERS and chosen else {}
    listed = _paged(store, runs.list_runs, call, limit=_RUNS_ON_PAGE, **limits)
    links = [
        tag("a", name, href=f"/runs?show={value}", **({"aria_current": "true"} if value == chosen else {}))
        for value, name in _FILTERS.items()
    ]
    return page(
        store,
        "Runs",
        tag("nav", *_spaced(links), class_="pages", aria_label="Which runs"),
        _runs_table(store, listed),
        _pages(call, listed),
        place="/runs",
        live=True,
    )


def run_page(store: Store, call: Call) -> Reply:
    """Show a run, or the run of a task: its timeline, and what its tasks left."""
    run_id = call.path_params["run_id"]
    try:
        run = ask(store, runs.get, run_id=run_id, page_token=call.query.get("page_token"))
    except ApiError:
        return missing(store, f"There is no run {run_id}.")
    now_ms = int(store.clock.now() * 1000)
    of_a_task = run["job_run_id"] != run["run_id"]
    tasks = run.get("iterations") or run.get("tasks", [])
    state = name_of(run["state"])
    whole = {"job_id": run["job_id"], "run_id": run["job_run_id"]}
    shown = {
        "State": join(pill(state), *([" " + run["state"]["state_message"]] if run["state"]["state_message"] else [])),
        "Job": tag("a", _job_name(store, run), href=f"/jobs/{run['job_id']}"),
        "Job run": run_link(whole) if of_a_task else "",
        "Started": moment(run["start_time"]),
        "Ended": moment(run.get("end_time", 0)),
        "Duration": duration(run.get("run_duration", now_ms - run["start_time"] if run["start_time"] else None)),
        "In the queue": duration(run["queue_duration"]) if run.get("queue_duration") else "",
        "Started by": run["creator_user_name"],
        "Parameters": ", ".join(f"{item['name']}={item['value']}" for item in run.get("job_parameters", ())),
    }
    following = {"More tasks": f"?{urlencode({'page_token': token})}"} if (token := run.get("next_page_token")) else {}
    return page(
        store,
        f"Task {run['run_name']}" if of_a_task else f"Run {run['run_id']}",
        facts(shown),
        tag("h2", "Timeline"),
        gantt(run, tasks, now_ms, apart="iterations" in run) if tasks else tag("p", "No tasks.", class_="card note"),
        _links(following),
        tag("h2", "Output"),
        *(_output(store, task) for task in run.get("tasks", [])),
        place="/runs",
        live=run["state"]["life_cycle_state"] not in {*TERMINAL, "INTERNAL_ERROR"},
    )


def requests_page(store: Store, call: Call) -> Reply:
    """Show the requests that came in, newest first."""
    path, method = call.query.get("path") or "*", call.query.get("method") or "*"
    skipped = call.query.get("skip", "")
    start = int(skipped) if skipped.isdecimal() and len(skipped) < 8 else 0  # noqa: PLR2004 -- far beyond the log
    found = ask(store, local.list_requests, method=method, path=path)["requests"][::-1]
    rows = [
        [
            _status(record.status),
            record.method,
            _request(record),
            moment(int(record.at_s * 1000)),
            record.identity or "",
            record.fault or "",
        ]
        for record in found[start : start + _REQUESTS_ON_PAGE]
    ]
    search = tag(
        "form",
        _field("Method", tag("input", name="method", value=method)),
        _field("Path, a glob", tag("input", name="path", value=path, class_="path")),
        tag("button", "Show"),
        method="get",
        role="search",
    )
    end = start + _REQUESTS_ON_PAGE
    query = {"method": method, "path": path}
    links = {"Newest": f"?{urlencode(query)}"} if start else {}
    if end < len(found):
        links["Older"] = f"?{urlencode({**query, 'skip': end})}"
    titles = ("Status", "Method", "Request", "Answered", "From", "Fault")
    return page(
        store,
        "Requests",
        search,
        tag("p", f"{len(found):,} of the last 10,000 requests, newest first.", class_="note"),
        table(titles, rows, "No requests.", {"Answered": "when", "Request": "wide request"}),
        _links(links),
        place="/requests",
    )


def ask(store: Store, handler: Handler, **params: object) -> dict[str, Any]:
    """Return what an endpoint answers to the workspace's user.

    :raises ApiError: the endpoint refuses
    """
    given = {name: value for name, value in params.items() if value is not None}
    call = Call("GET", "", {}, {}, b"", params=given, identity=store.tokens.user)
    answer = handler(store, call)
    return dict(answer) if not isinstance(answer, Reply) else {}


def missing(store: Store, text: str) -> Reply:
    """Return the page for what does not exist."""
    return page(store, "Not found", tag("p", text), status=404)


def _paged(store: Store, handler: Handler, call: Call, **params: object) -> dict[str, Any]:
    try:
        return ask(store, handler, page_token=call.query.get("page_token"), **params)
    except ApiError:
        return ask(store, handler, **params)


def _jobs_table(store: Store, listed: Mapping[str, Any]) -> Markup:
    rows = []
    for job in listed.get("jobs", ()):
        last = next(islice(store.runs.newest_first(job["job_id"]), 1), None)
        state = pill(name_of(last.state(store.clock.now()).v1())) if last is not None else ""
        name = tag("a", job["settings"].get("name", "Job"), href=f"/jobs/{job['job_id']}")
        rows.append([name, state, tag("span", str(job["job_id"]), class_="id"), moment(job["created_time"])])
    return table(("Job", "Last run", "Job id", "Created"), rows, "No jobs yet.", {"Created": "when", "Job": "wide"})


def _runs_table(store: Store, listed: Mapping[str, Any]) -> Markup:
    now_ms = int(store.clock.now() * 1000)
    rows = [
        [
            run_link(run),
            pill(name_of(run["state"])),
            tag("a", run["run_name"], href=f"/jobs/{run['job_id']}"),
            moment(run["start_time"]),
            duration(run.get("run_duration", now_ms - run["start_time"])),
        ]
        for run in listed.get("runs", ())
    ]
    titles = ("Run", "State", "Job", "Started", "Duration")
    return table(titles, rows, "No runs yet.", {"Job": "wide", "Started": "when", "Duration": "number"})


def _output(store: Store, task: dict[str, Any]) -> Markup:
    state = name_of(task["state"])
    parts: list[Markup] = [tag("p", task["state"]["state_message"], class_="note")]
    try:
        output = ask(store, runs.get_output, run_id=task["run_id"])
    except ApiError as error:
        output = {"error": error.message}
    parts.append(_task_links(store, task, output))
    texts = {
        "Result": output.get("notebook_output", {}).get("result"),
        "Error": output.get("error"),
        "Trace": output.get("error_trace"),
        "Logs": output.get("logs"),
    }
    for title, text in texts.items():
        if text:
            cut = "" if len(text) <= _SHOWN_CHARS else f", the last {_SHOWN_CHARS:,} characters"
            parts += [tag("h3", title + cut), tag("pre", text[-_SHOWN_CHARS:], tabindex="0")]
    summary = tag("summary", tag("b", attempt_name(task)), f" · {_kind(task)}", pill(state))
    opened = {"open": ""} if any(texts.values()) and state != "SUCCESS" else {}
    return tag("details", summary, *parts, class_="card", id=f"t{task['run_id']}", **opened)


def _task_links(store: Store, task: dict[str, Any], output: dict[str, Any]) -> Markup:
    links = {"The run of this task": path_of(task)}
    child = output.get("run_job_output", {}).get("run_id")
    with contextlib.suppress(ApiError):  # It may have been deleted.
        if child is not None:
            links["The run that it started"] = path_of(ask(store, runs.get, run_id=child))
    return _links(links)


def _request(record: Any) -> Markup:  # noqa: ANN401 - a RecordedRequest, as the admin API gives it
    query = f"?{urlencode(record.query)}" if record.query else ""
    line = tag("code", record.path + query)
    if not record.body:
        return line
    return tag("details", tag("summary", line), tag("pre", _json(record.body)))


def _job_name(store: Store, run: Mapping[str, Any]) -> str:
    job = store.jobs.get(run["job_id"])
    return job.name if job is not None else str(run["run_name"])


def _kind(task: Mapping[str, Any]) -> str:
    return next((name for name in task if name.endswith("_task")), "")


def _status(status: int) -> Markup:
    return tag("span", str(status), class_=f"state {'good' if status < 400 else 'bad'}")  # noqa: PLR2004 -- errors


def _field(name: str, control: Markup) -> Markup:
    return tag("label", name, control)


def _json(value: object) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)


def _pages(call: Call, listed: Mapping[str, Any]) -> Markup:
    kept = {name: value for name, value in call.query.items() if name == "show"}
    links = {"Newest": f"?{urlencode(kept)}"} if call.query.get("page_token") else {}
    if listed.get("next_page_token"):
        links["Older"] = f"?{urlencode({**kept, 'page_token': listed['next_page_token']})}"
    return _links(links)


def _links(links: Mapping[str, str]) -> Markup:
    if not links:
        return Markup()
    anchors = [tag("a", name, href=target) for name, target in links.items()]
    return tag("nav", *_spaced(anchors), class_="pages", aria_label="More")


def _spaced(parts: list[Markup]) -> Iterator[str]:
    for part in parts:
        yield part
        yield " "


ROUTES = (
    Route("GET", "/", home, access="local"),
    Route("GET", "/jobs", jobs_page, access="local"),
    Route("GET", "/runs", runs_page, access="local"),
    Route("GET", "/requests", requests_page, access="local"),
    Route("GET", "/jobs/{job_id}", job_page, access="local"),
    Route("GET", "/jobs/{job_id}/runs/{run_id}", run_page, access="local"),
)
