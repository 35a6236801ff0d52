"""Waiting for a run in a worker, for tasks that are not deferred."""

import logging
from collections.abc import Callable

from airbrick.operators.errors import AirflowConnectionError, UnavailableError
from airbrick.operators.poller.cadence import next_look_s
from airbrick.operators.runs.changes import change_line
from airbrick.operators.runs.deadlines import Deadline, Deadlines
from airbrick.operators.runs.view import Phase, RunView
from airbrick.operators.workspace.clock import Clock


def wait_in_worker(
    run_id: int,
    run: RunView | None,
    *,
    look: Callable[[int], RunView],
    deadlines: Deadlines,
    poll_interval_s: float,
    clock: Clock,
    log: logging.Logger,
) -> tuple[RunView | None, Deadline | None]:
    """Look at a run until it ends or passes a deadline.

    A workspace that cannot be reached, or whose connection cannot be used at present, does not end the wait, and the
    deadlines of a phase are decided only when it is seen that the run is still in it; the task's own holds meanwhile.

    :param run: the run as it is; ``None`` while the workspace cannot be reached.
    :param look: fetches the run.
    :returns: the run as it is, and the deadline it passed, if any.
    :raises NotFoundError: the run no longer exists.
    """
    shown: RunView | None = None
    while True:
        if run is not None:
            if line := change_line(shown, run):
                log.info(line)
            shown = run
        now = clock.now()
        passed = deadlines.passed(run, now)
        if passed is not None or (run is not None and run.ended):
            return run, passed
        phase = Phase.RUNNING if run is None else run.phase
        wait_s = next_look_s(
            phase, age_s=now - deadlines.submitted_at, poll_interval_s=poll_interval_s, unit=clock.unit()
        )
        if expiry := deadlines.expiry(run):
            wait_s = min(wait_s, max(0.0, expiry[0] - now))
        clock.sleep(wait_s)
        try:
            run = look(run_id)
        except (UnavailableError, AirflowConnectionError) as error:
            run = None
            log.warning("cannot look at run %s, trying on: %s", run_id, error)
