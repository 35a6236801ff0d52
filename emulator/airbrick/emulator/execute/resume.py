"""What becomes of executed runs when their workspace comes back in another process."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airbrick.emulator.results import Result
from airbrick.emulator.timeline import NEVER, Output

if TYPE_CHECKING:
    from airbrick.emulator.desk import Desk
    from airbrick.emulator.run import Run
    from airbrick.emulator.store import Store

_CANCEL = "/api/2.2/jobs/runs/cancel"
_LOST = "The airbrick emulator was restarted while this code ran; its process is gone."


def resume_execution(desk: Desk) -> None:
    """Fail the code that another process began, and go on with what is left of its runs.

    Code that did not begin yet, as that of queued runs, begins when its turn comes. Where no code is executed any more
    such runs are cancelled, since nobody would ever end them.
    """
    store = desk.store
    with store.lock:
        store.advance()
        runs = [run for run in store.runs.active() if run.real]
        for run in runs:
            _end_lost(store, run)
        if store.engine is None:
            _cancel(desk, runs)
            return
        for run in runs:
            if run.admitted_s is not None and store.runs.is_active(run):
                store.engine.start(run)


def _end_lost(store: Store, run: Run) -> None:
    now = store.advance()
    output = Output(error=_LOST, termination_code="INTERNAL_ERROR", termination_type="INTERNAL_ERROR")
    for key, attempt in list(run.attempts()):
        if not attempt.real or attempt.end_s < NEVER:
            continue
        if attempt.stopping_s <= now:
            store.record(run, key, replace(attempt, end_s=now))
        elif attempt.running_s < NEVER:
            begun = replace(attempt, running_s=min(attempt.running_s, now), message=_LOST, output=output)
            store.record(run, key, replace(begun, end_s=now, result=Result.FAILED))


def _cancel(desk: Desk, runs: list[Run]) -> None:
    store = desk.store
    # The newest first, so that none of a queue moves up into the place of one that was cancelled.
    for run in sorted(runs, key=lambda run: (run.parent is not None, -run.position)):
        if store.runs.is_active(run):
            desk.steer("POST", _CANCEL, {"run_id": run.run_id})
            _end_lost(store, run)
