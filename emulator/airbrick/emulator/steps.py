"""Stepped runs: simulated attempts that go on when somebody looks or says so, whatever the clock says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airbrick.emulator.plans import plan_for
from airbrick.emulator.run import Run
from airbrick.emulator.timeline import TaskRunKey

if TYPE_CHECKING:
    from airbrick.emulator.run_book import RunBook
    from airbrick.emulator.timeline import Attempt


def step(book: RunBook, run: Run, now_s: float, progress: str) -> bool:
    """Move the open attempts of a run one step on: PENDING, RUNNING, over.

    :param progress: only attempts whose plan goes on in this way
    :returns: False when there was none
    """
    if run.current.timeline is None or all(plan.progress != progress for plan in run.current.plans):
        return False
    chosen = [
        (key, attempt)
        for key, attempt in run.attempts()
        if _is_open(attempt, now_s) and _progress(run, key) == progress
    ]
    for key, attempt in chosen:
        running = attempt.running_s <= now_s or attempt.stopping_s <= now_s
        moved = replace(attempt, end_s=now_s) if running else replace(attempt, running_s=now_s)
        run.current.record(key, moved)
    if chosen:
        book.replan(run)
    return bool(chosen)


def _progress(run: Run, key: TaskRunKey) -> str | None:
    plan = plan_for(run.current.plans, run.name, key.task_key, key.number)
    return plan.progress if plan is not None else None


def _is_open(attempt: Attempt, now_s: float) -> bool:
    return attempt.stepped and attempt.start_s <= now_s < attempt.end_s
