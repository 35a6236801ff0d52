"""Cancelling a run and seeing it end."""

from typing import TYPE_CHECKING

from airbrick.operators.errors import NotFoundError, RunStillEndingError
from airbrick.operators.runs.view import Phase
from airbrick.operators.workspace import wire

if TYPE_CHECKING:
    import logging

    from airbrick.operators.runs.view import RunView
    from airbrick.operators.submission.workspace import Workspace
    from airbrick.operators.workspace.clock import Clock


def end_run(
    client: "Workspace", run_id: int, *, within_s: float | None, look_s: float, clock: "Clock", log: "logging.Logger"
) -> "RunView | None":
    """Cancel a run and wait until it has ended; one that is ending already is not cancelled again.

    :param within_s: longest wait in seconds; ``None`` does not wait.
    :param look_s: time between two looks, in seconds.
    :returns: the run as last seen; ``None`` when it does not exist.
    :raises RunStillEndingError: it has not ended in time.
    """
    began = clock.monotonic()
    try:
        run = client.run(run_id)
        if not run.ended and run.phase is not Phase.TERMINATING:
            client.call(wire.cancel_run(run_id))
            log.info("run %s is being cancelled", run_id)
        while within_s is not None and not run.ended:
            waited_s = clock.monotonic() - began
            if waited_s >= within_s:
                raise RunStillEndingError(run_id, waited_s=waited_s)
            clock.sleep(look_s)
            run = client.run(run_id)
    except NotFoundError:
        log.info("run %s no longer exists", run_id)
        return None
    if run.ended:
        log.info("run %s has ended: %s", run_id, run.code or run.result or run.state)
    return run
