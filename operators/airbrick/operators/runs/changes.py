"""What is said about a run while it is watched: one line for each change."""

from typing import Final

from airbrick.operators.runs.deadlines import Deadline
from airbrick.operators.runs.view import Phase, RunView

_TASKS_SHOWN: Final = 3


def change_line(before: RunView | None, run: RunView) -> str | None:
    """Describe what changed since a run was last seen.

    :returns: ``None`` when nothing worth a line changed.
    """
    if before is not None and (before.phase, before.state) == (run.phase, run.state):
        return None
    parts = [f"run {run.run_id} is {run.state or run.phase.upper()}"]
    if run.phase is Phase.QUEUED and run.queue_reason:
        parts.append(run.queue_reason)
    if run.ended:
        parts = [f"run {run.run_id} ended: {run.code or run.result or run.state}"]
        if run.message and run.code != "SUCCESS":
            parts.append(run.message)
    if times := _times(run):
        parts.append(times)
    return "; ".join(parts)


def expired_line(
    run: RunView | None,
    deadline: Deadline,
    *,
    limit_s: float | None,
    waited_s: float,
    cancel_error: Exception | None = None,
) -> str:
    """Describe a run that took too long: which limit it passed, what it was doing, and for how long.

    :param run: the run as it is; ``None`` while the workspace cannot be reached.
    :param limit_s: what the deadline allowed; ``None`` where the operator no longer says.
    :param waited_s: time since the run was asked for.
    :param cancel_error: why the workspace did not take the cancel; ``None`` where it did.
    """
    limit = "" if limit_s is None else f" of {limit_s:.0f} s"
    end = "was cancelled" if cancel_error is None else f"could not be cancelled and may go on ({cancel_error})"
    return f"passed its {deadline} deadline{limit} and {end}: {'; '.join(_doing(run, waited_s))}"


def _doing(run: RunView | None, waited_s: float) -> list[str]:
    after = f"{waited_s:.0f} s after it was asked for"
    if run is None:
        return [f"it cannot be looked at, {after}"]
    doing = run.state or run.phase.upper()
    if run.phase is Phase.QUEUED and run.queue_reason:
        doing = f"{doing} ({run.queue_reason})"
    busy = [task.task_key for task in run.tasks if task.active]
    parts = [f"it was {doing}, {after}"]
    parts += [f"at task {', '.join(repr(key) for key in busy[:_TASKS_SHOWN])}"] if busy else []
    parts += [times] if (times := _times(run)) else []
    return parts


def _times(run: RunView) -> str:
    spans = [("queued", run.queue_s), ("setting up", run.setup_s), ("executing", run.execution_s if run.ended else 0.0)]
    return ", ".join(f"{name} {seconds:.0f} s" for name, seconds in spans if seconds >= 1.0)
