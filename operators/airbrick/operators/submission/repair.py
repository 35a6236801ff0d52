"""Running the failed tasks of a run again, once, and seeing that it happens."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from airbrick.operators.errors import AirbrickError, ApiError
from airbrick.operators.runs.view import RunView
from airbrick.operators.submission.workspace import Workspace
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.clock import Clock

ALL_FAILED: Final[Mapping[str, Any]] = {"rerun_all_failed_tasks": True}
VISIBLE_WITHIN_S: Final = 300.0
_LOOK_AGAIN_S: Final = 2.0


class RepairUnseenError(AirbrickError):
    """A repair was accepted but the run does not show it; another attempt looks again."""

    def __init__(self, run_id: int, *, waited_s: float) -> None:
        self.run_id = run_id
        super().__init__(f"run {run_id} does not show its repair after {waited_s:.0f} s, though it was accepted")


def repair(
    client: Workspace,
    run: RunView,
    settings: Mapping[str, Any],
    *,
    clock: Clock,
    log: logging.Logger,
    on_asked: Callable[[int], None],
) -> RunView:
    """Ask for a repair and wait until the run shows it.

    A repair has no token. But it names the repair before it, and a run in progress takes none, so that the same
    request sent twice starts one: where the second is refused, the run shows the first.

    Right after a repair the run may still show its old end, which must not be taken for the new one.

    :param run: the run, with its history; it has ended.
    :param settings: what to run again, such as :data:`ALL_FAILED`.
    :param on_asked: called with the run's id when the repair was asked for, before the run shows it.
    :returns: the run as it is once the repair is seen.
    :raises ApiError: the workspace refuses.
    :raises RepairUnseenError: the run does not show it.
    """
    try:
        _ask(client, run, settings)
    finally:
        # However the request ended, the run may go on from here.
        on_asked(run.run_id)
    log.info("run %s is repaired: its failed tasks run again", run.run_id)
    return _visible(client, run, clock)


def _ask(client: Workspace, run: RunView, settings: Mapping[str, Any]) -> None:
    latest = run.repairs[-1].repair_id if run.repairs else None
    try:
        client.call(wire.repair_run(run.run_id, settings, latest_repair_id=latest))
    except ApiError:
        seen = client.run(run.run_id)
        if len(seen.repairs) <= len(run.repairs):
            raise


def _visible(client: Workspace, before: RunView, clock: Clock) -> RunView:
    began = clock.monotonic()
    while True:
        seen = client.run(before.run_id)
        if len(seen.repairs) > len(before.repairs) and (seen.repairs[-1].ended or not seen.ended):
            return seen
        waited_s = clock.monotonic() - began
        if waited_s >= VISIBLE_WITHIN_S:
            raise RepairUnseenError(before.run_id, waited_s=waited_s)
        clock.sleep(_LOOK_AGAIN_S)
