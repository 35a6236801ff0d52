"""Waiting for a run in a worker, for tasks that are not deferred."""

import logging
from collections.abc import Callable

from airbrick.operators.errors import UnavailableError
from airbrick.operators.poller.cadence import next_look_s
from airbrick.operators.runs.changes import change_line
from airbrick.operators.runs.deadlines import Deadline, Deadlines
from airbrick.operators.runs.view import RunView
from airbrick.operators.workspace.clock import Clock


def wait_in_worker(
    run: RunView,
    *,
    look: Callable[[int], RunView],
    deadlines: Deadlines,
    poll_interval_s: float,
    clock: Clock,
    log: logging.Logger,
) -> tuple[RunView, Deadline | None]:
    """Look at a run until it ends or passes a deadline.

    A workspace that cannot be reached does not end the wait; deadlines do.

    :param run: the run as last seen.
    :param look: fetches the run.
    :returns: the run as last seen, and the deadline it passed, if any.
    :raises NotFoundError: the run no longer exists.
    """
    shown: RunView | None = None
    while True:
        if line := change_line(shown, run):
            log.info(line)
        shown = run
        now = clock.now()
        if run.ended or (passed := deadlines.passed(run, now)):
            return run, None if run.ended else passed
        wait_s = next_look_s(
            run.phase, age_s=now - deadlines.submitted_at, poll_interval_s=poll_interval_s, unit=clock.unit()
        )
        if expiry := deadlines.expiry(run):
            wait_s = min(wait_s, max(0.0, expiry[0] - now))
        clock.sleep(wait_s)
        try:
            run = look(run.run_id)
        except UnavailableError as error:
            log.warning("cannot look at run %s, trying on: %s", run.run_id, error)
