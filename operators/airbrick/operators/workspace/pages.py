"""What takes more than one request to read; whoever sends the requests may block or not."""

from collections.abc import Generator
from typing import Any, Final, TypeVar

from airbrick.operators.runs.task_values import read_task_values
from airbrick.operators.runs.view import RunView, read_run
from airbrick.operators.workspace import wire

PAGES_MAX: Final = 100

_T = TypeVar("_T")
Reading = Generator[wire.Call, dict[str, Any], _T]
"""Gives requests, takes their answers, and returns what was read."""


def whole_run(run_id: int) -> Reading[RunView]:
    """Read a run, all pages of its tasks and its repairs included."""
    return read_run((yield from _pages_of_run(run_id, history=True)))


def task_values(run_id: int) -> Reading[dict[str, dict[str, Any]]]:
    """Read the task values that tasks of a run refer to, by task key and name."""
    body = yield from _pages_of_run(run_id, resolved=True)
    return read_task_values(body.get("tasks") or ())


def runs_since(job_id: int, started_from_s: float) -> Reading[list[RunView]]:
    """Read the runs of a job, ended or not.

    :param started_from_s: earliest start, in seconds since the epoch.
    """
    runs: list[RunView] = []
    page_token = ""
    for _ in range(PAGES_MAX):
        page = yield wire.list_runs(job_id, started_from_ms=int(started_from_s * 1000), page_token=page_token)
        runs += [read_run(item) for item in page.get("runs") or ()]
        page_token = str(page.get("next_page_token") or "")
        if not page_token:
            break
    return runs


def _pages_of_run(run_id: int, *, history: bool = False, resolved: bool = False) -> Reading[dict[str, Any]]:
    body = page = yield wire.get_run(run_id, history=history, resolved=resolved)
    pages = 1
    while (page_token := page.get("next_page_token")) and pages < PAGES_MAX:
        page = yield wire.get_run(run_id, page_token=page_token, history=history, resolved=resolved)
        for name in ("tasks", "repair_history"):
            body[name] = [*(body.get(name) or []), *(page.get(name) or [])]
        pages += 1
    return body
