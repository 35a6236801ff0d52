"""Pages for people: jobs, runs, one run with its tasks and their output. Only this machine may open them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airbrick.emulator.html import Markup, join, tag
from airbrick.emulator.paging import PAGE_SIZE
from airbrick.emulator.run_state import TERMINAL
from airbrick.emulator.run_view import RunView
from airbrick.emulator.wire import Call, Reply, Route

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from airbrick.emulator.run import Run
    from airbrick.emulator.store import Job, Store

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
_REFRESH_S = 2
_SHOWN_RUNS = 50
_SHOWN_TEXT = 100_000
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #cf222e; --busy: #0969da; }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --bad: #ff7b72; --busy: #58a6ff; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1rem 1.5rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .75rem .35rem 0; }
th, td { text-align: left; vertical-align: top; }
pre { background: #8881; border-radius: 4px; max-height: 30rem; overflow: auto; padding: .75rem; }
pre { white-space: pre-wrap; }
.scroll { overflow-x: auto; } .note { opacity: .75; }
.SUCCESS { color: var(--good); } .RUNNING, .PENDING, .QUEUED, .TERMINATING { color: var(--busy); }
.FAILED, .TIMEDOUT, .CANCELED, .UPSTREAM_FAILED, .INTERNAL_ERROR, .SKIPPED { color: var(--bad); }
"""


def home(store: Store, _call: Call) -> Reply:
    """Show all jobs and the newest runs."""
    view = _view(store)
    jobs = [
        [
            tag("a", job.name, href=f"/jobs/{job.job_id}"),
            str(job.job_id),
            str(len(job.version.nodes)),
            job.creator,
        ]
        for job in store.jobs.values()
    ]
    return _page(
        "Local workspace",
        tag("p", f"{store.host} (workspace {store.workspace_id}): {_mode(store)}", class_="note"),
        tag("h2", "Jobs"),
        _table(("Name", "Job id", "Tasks", "Creator"), jobs, "No jobs yet."),
        tag("h2", "Newest runs"),
        _runs_table(view, _newest(store, None)),
        refresh=any(True for _ in store.runs.active()),
    )


def job_page(store: Store, call: Call) -> Reply:
    """Show a job's settings and its newest runs."""
    job_id = call.path_params["job_id"]
    job = store.jobs.get(int(job_id)) if job_id.isdecimal() else None
    if job is None:
        return _missing(f"There is no job {job_id}.")
    view = _view(store)
    runs = _newest(store, job.job_id)
    return _page(
        job.name,
        tag("h2", "Runs"),
        _runs_table(view, runs),
        tag("h2", "Settings"),
        tag("pre", _pretty(job)),
        refresh=any(store.runs.is_active(run) for run in runs),
    )


def run_page(store: Store, call: Call) -> Reply:
    """Show a run, or the run of a task within its run."""
    run_id = call.path_params["run_id"]
    number = int(run_id) if run_id.isdecimal() else -1
    task = store.runs.task_run(number)
    run = store.runs.get(number) or (task[0] if task else None)
    if run is None:
        return _missing(f"There is no run {run_id}.")
    view = _view(store)
    shown = view.summary(run)
    state = shown["state"]
    facts = [
        ["State", _state(state)],
        ["Message", state["state_message"]],
        ["Started", _moment(shown["start_time"])],
        ["Ended", _moment(shown.get("end_time", 0))],
        ["Duration", _seconds(shown.get("run_duration"))],
        ["Started by", run.creator],
        ["Parameters", ", ".join(f"{name}={value}" for name, value in run.parameters.items())],
    ]
    job = tag("a", run.name, href=f"/jobs/{run.job_id}") if run.job_id in store.jobs else Markup(join(run.name))
    return _page(
        f"Run {run.run_id}",
        tag("p", "Job ", job),
        _table((), [[tag("b", name), value] for name, value in facts if value], ""),
        tag("h2", "Tasks"),
        *_tasks(view, run),
        refresh=run.state(store.clock.now()).phase not in TERMINAL,
    )


def _tasks(view: RunView, run: Run) -> Iterable[Markup]:
    rows: list[list[str]] = []
    details: list[Markup] = []
    for task in list(view.task_runs(run))[:PAGE_SIZE]:
        name = task["task_key"] + (f" (attempt {task['attempt_number'] + 1})" if task["attempt_number"] else "")
        duration = task["setup_duration"] + task["execution_duration"]
        kind = next((key for key in task if key.endswith("_task")), "")
        after = ", ".join(item["task_key"] for item in task.get("depends_on", ()))
        rows.append(
            [tag("a", name, href=f"#t{task['run_id']}"), kind, after, _state(task["state"]), _seconds(duration)]
        )
        details += [tag("h2", name, id=f"t{task['run_id']}"), tag("p", task["state"]["state_message"], class_="note")]
        details += _outputs(run, task)
    return [_table(("Task", "Kind", "After", "State", "Time"), rows, "No tasks."), *details]


def _outputs(run: Run, task: dict[str, Any]) -> Iterable[Markup]:
    attempts = run.timeline.tasks[task["task_key"]].attempts if run.timeline is not None else ()
    if task["attempt_number"] >= len(attempts) or "result_state" not in task["state"]:
        return []
    output = attempts[task["attempt_number"]].output
    parts = {
        "Result": output.notebook_result,
        "Error": output.error,
        "Trace": output.error_trace,
        "Output": output.logs,
    }
    shown: list[Markup] = []
    for title, text in parts.items():
        if text:
            cut = "" if len(text) <= _SHOWN_TEXT else f" (last {_SHOWN_TEXT} characters)"
            shown += [tag("p", tag("b", title + cut)), tag("pre", text[-_SHOWN_TEXT:])]
    return shown


def _newest(store: Store, job_id: int | None) -> list[Run]:
    runs: list[Run] = []
    for run in store.runs.newest_first(job_id):
        runs.append(run)
        if len(runs) == _SHOWN_RUNS:
            break
    return runs


def _runs_table(view: RunView, runs: list[Run]) -> Markup:
    rows: list[list[str]] = []
    for run in runs:
        shown = view.summary(run)
        link = tag("a", str(run.run_id), href=f"/jobs/{run.job_id}/runs/{run.run_id}")
        rows.append(
            [link, run.name, _state(shown["state"]), _moment(shown["start_time"]), _seconds(shown.get("run_duration"))]
        )
    return _table(("Run", "Job", "State", "Started", "Duration"), rows, "No runs yet.")


def _table(titles: Sequence[str], rows: list[list[str]], empty: str) -> Markup:
    if not rows:
        return tag("p", empty, class_="note")
    head = tag("tr", *(tag("th", title, scope="col") for title in titles)) if titles else Markup()
    body = join(*(tag("tr", *(tag("td", cell) for cell in row)) for row in rows))
    return tag("div", tag("table", head, body), class_="scroll")


def _state(state: dict[str, Any]) -> Markup:
    name = state.get("result_state", state["life_cycle_state"])
    return tag("span", name, class_=name)


def _moment(milliseconds: int) -> str:
    if not milliseconds:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _seconds(milliseconds: int | None) -> str:
    return "" if milliseconds is None else f"{milliseconds / 1000:.1f} s"


def _pretty(job: Job) -> str:
    return json.dumps(job.version.settings, indent=2, sort_keys=True, ensure_ascii=False)


def _mode(store: Store) -> str:
    return "Python tasks are executed." if store.engine is not None else "runs are simulated; no code is run."


def _view(store: Store) -> RunView:
    return RunView(store.host, store.workspace_id, store.advance())


def _missing(text: str) -> Reply:
    return _page("Not found", tag("p", text), status=404)


def _page(title: str, *content: Markup, refresh: bool = False, status: int = 200) -> Reply:
    head = [tag("meta", charset="utf-8"), tag("meta", name="viewport", content="width=device-width, initial-scale=1")]
    if refresh:
        head.append(tag("meta", http_equiv="refresh", content=str(_REFRESH_S)))
    head += [tag("title", f"{title} · airbrick emulator"), tag("style", Markup(_STYLE))]
    crumbs = tag("nav", tag("a", "airbrick emulator", href="/"))
    body = tag("body", crumbs, tag("main", tag("h1", title), *content))
    text = "<!doctype html>" + tag("html", tag("head", *head), body, lang="en")
    return Reply(text.encode(), status=status, content_type="text/html; charset=utf-8", headers=_HEADERS)


ROUTES = (
    Route("GET", "/", home, access="local"),
    Route("GET", "/jobs/{job_id}", job_page, access="local"),
    Route("GET", "/jobs/{job_id}/runs/{run_id}", run_page, access="local"),
)
