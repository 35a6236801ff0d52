"""The active runs of a job that is to be changed or deleted: left alone, a reason to stop, or cancelled."""

from typing import Any, Final, Literal

from airbrick.iac.clients.databricks import Workspace
from airbrick.iac.errors import ActiveRunsError
from airbrick.iac.provider.handler import Context, Identity

OnActiveRuns = Literal["ignore", "fail", "cancel"]

CHOICES: Final = ("ignore", "fail", "cancel")
CANCEL_BUDGET_S: Final = 600.0
"""How long cancelled runs may take to end; a shorter custom time-out of the resource wins."""

_RUNS: Final = "/api/2.2/jobs/runs"
_PAGE_SIZE: Final = 24
_FIRST_WAIT_S: Final = 1.0
_LONGEST_WAIT_S: Final = 10.0


def settle(context: Context, identity: Identity, job_id: str, choice: str) -> None:
    """Do with a job's active runs what the program asks for.

    :param choice: ``ignore``, ``fail`` or ``cancel``.
    :raises ActiveRunsError: there are some and the choice is ``fail``, or cancelled ones did not end in time.
    """
    if choice == "ignore":
        return
    workspace = context.workspace
    active = active_runs(workspace, job_id)
    if not active:
        return
    if choice == "fail":
        fix = "wait until they have ended, or set on_active_runs='cancel'; a destroy heeds it after an `up`"
        raise ActiveRunsError(job_id, active, fix=fix)
    context.tell(identity, f"cancels {len(active)} active run(s) of job {job_id}: {', '.join(active)}")
    workspace.post(f"{_RUNS}/cancel-all", {"job_id": int(job_id)})
    started_s, wait_s = context.now_s(), _FIRST_WAIT_S
    # Runs that start meanwhile were not cancelled: to wait for them could go on for ever.
    while left := [run_id for run_id in active_runs(workspace, job_id) if run_id in active]:
        if context.now_s() - started_s + wait_s > CANCEL_BUDGET_S or not context.wait(wait_s):
            raise ActiveRunsError(job_id, left, fix="they were cancelled and have not ended; run `pulumi up` again")
        wait_s = min(wait_s * 2, _LONGEST_WAIT_S)


def active_runs(workspace: Workspace, job_id: str) -> list[str]:
    """List the ids of the runs that have not ended, queued ones included."""
    found: list[str] = []
    query: dict[str, Any] = {"job_id": job_id, "active_only": "true", "limit": _PAGE_SIZE}
    while True:
        answer = workspace.get(f"{_RUNS}/list", query)
        found += [str(run["run_id"]) for run in answer.get("runs") or []]
        token = answer.get("next_page_token")
        if not token:
            return found
        query = {**query, "page_token": token}
