"""What is said about a run while it is watched: one line for each change."""

from airbrick.operators.runs.view import Phase, RunView


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


def _times(run: RunView) -> str:
    spans = [("queued", run.queue_s), ("setting up", run.setup_s), ("executing", run.execution_s if run.ended else 0.0)]
    return ", ".join(f"{name} {seconds:.0f} s" for name, seconds in spans if seconds >= 1.0)
