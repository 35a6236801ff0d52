"""What an operator asks the workspace to run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airbrick.operators.authoring.target import Target
from airbrick.operators.workspace import wire


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A run, as every attempt asks for it; only the token differs.

    :param job_id: the job; 0 for a one-time run, which belongs to no job.
    :param settings: the request's fields, without job and token.
    :param target: the job as the contract describes it; ``None`` where nothing is checked.
    :param stale_fails: refuse a job that changed since the contract was written, instead of warning.
    """

    job_id: int
    settings: Mapping[str, Any]
    target: Target | None = None
    stale_fails: bool = False

    def call(self, token: str) -> wire.Call:
        """Ask for the run; safe to repeat, because the token names it."""
        if self.job_id == 0:
            return wire.submit_run(self.settings, idempotency_token=token)
        return wire.run_now(self.job_id, idempotency_token=token, settings=self.settings)


@dataclass(frozen=True, slots=True)
class RepairRequest:
    """Failed tasks of a run to be run again.

    :param settings: the request's fields besides the run, such as ``rerun_all_failed_tasks``.
    """

    run_id: int
    settings: Mapping[str, Any]
