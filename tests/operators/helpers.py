"""What the tests of the operators provision in the workspace and ask of it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import httpx
import pytest
from tests.operators.waiting_clock import WaitingClock

from airbrick.contract import Contract, Parameter, Task, Workspace
from airbrick.contract import Job as ContractJob
from airbrick.emulator import Emulator

STATEMENTS = "/api/2.0/sql/statements"


@dataclass(frozen=True, slots=True)
class Job:
    """A job in the emulator."""

    name: str
    job_id: int
    parameters: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str | None = None


def api(workspace: Emulator, method: str, path: str, **body: Any) -> dict[str, Any]:
    # Without verify=False each call would load the machine's certificates, for plain HTTP.
    answer = httpx.request(
        method,
        f"{workspace.host}{path}",
        headers={"Authorization": f"Bearer {workspace.token}"},
        json=body,
        timeout=60.0,
        verify=False,
    )
    answer.raise_for_status()
    result: dict[str, Any] = answer.json()
    return result


def provision(
    workspace: Emulator,
    name: str,
    *,
    parameters: Mapping[str, str] | None = None,
    tasks: Sequence[str] = ("load",),
    tags: Mapping[str, str] | None = None,
    fingerprint: str | None = None,
    **settings: Any,
) -> Job:
    parameters = parameters or {}
    created = api(
        workspace,
        "POST",
        "/api/2.2/jobs/create",
        name=name,
        tasks=[
            {"task_key": key, "notebook_task": {"notebook_path": f"/{key}", "source": "WORKSPACE"}} for key in tasks
        ],
        parameters=[{"name": key, "default": value} for key, value in parameters.items()],
        tags=dict(tags or {}),
        **settings,
    )
    return Job(name, created["job_id"], parameters, fingerprint)


def contract_of(emulator: Emulator, jobs: Sequence[Job], **changes: Any) -> Contract:
    values: dict[str, Any] = {
        "project": "orders",
        "stack": "dev",
        "workspace": Workspace(emulator.host, emulator.workspace_id),
        "jobs": {
            job.name: ContractJob(
                job_id=str(job.job_id),
                name=job.name,
                fingerprint=job.fingerprint,
                parameters={name: Parameter(value) for name, value in job.parameters.items()},
                tasks={"load": Task("notebook_task")},
            )
            for job in jobs
        },
    }
    return Contract(**(values | changes))


def posts(workspace: Emulator, path: str = "/api/2.2/jobs/run-now") -> int:
    return len(workspace.requests(method="POST", path=path))


def runs(workspace: Emulator) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api(workspace, "GET", "/api/2.2/jobs/runs/list").get("runs", [])
    return found


def tokens(workspace: Emulator) -> list[str]:
    """Give the idempotency tokens of all run-now requests, in order."""
    return [request.body["idempotency_token"] for request in workspace.requests("POST", "/api/2.2/jobs/run-now")]


def wait_until_ended(workspace: Emulator, run_id: int, *, for_s: float = 60.0) -> dict[str, Any]:
    """Wait until the workspace, whose clock passes meanwhile, says that a run ended."""
    until = time.monotonic() + for_s
    while time.monotonic() < until:
        run = api(workspace, "GET", f"/api/2.2/jobs/runs/get?run_id={run_id}")
        if run["state"]["life_cycle_state"] in {"TERMINATED", "SKIPPED", "INTERNAL_ERROR"}:
            return run
        workspace.clock.sleep(1) if isinstance(workspace.clock, WaitingClock) else time.sleep(0.01)
    raise AssertionError(run)


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker's clients give up at the first failure."""
    # Not before Airflow's environment is there: this imports it.
    from airbrick.operators.workspace.client import WorkspaceClient

    usual = WorkspaceClient.__init__

    def init(self: WorkspaceClient, sign_in: Any, **options: Any) -> None:
        usual(self, sign_in, **options | {"retry_for_s": 0.0})

    monkeypatch.setattr(WorkspaceClient, "__init__", init)


def keep_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell a task that is resumed when it started first, as Airflow 3.2 and later do; the task runner here does not."""
    from airbrick.operators.airflow_facts import TaskFacts

    of = TaskFacts.of

    def kept(context: Any) -> TaskFacts:
        facts, start = of(context), context["ti"]._ti_context_from_server.start_date
        return facts if start is None else replace(facts, attempt=replace(facts.attempt, started_at=start.timestamp()))

    monkeypatch.setattr(TaskFacts, "of", kept)


def worker_time(monkeypatch: pytest.MonkeyPatch, now: Callable[[], float]) -> None:
    """Let the worker's deadlines be judged by another clock, in seconds since the epoch."""
    from airbrick.operators import execution, statement_execution
    from airbrick.operators.workspace.clock import Clock

    for module in (execution, statement_execution):
        monkeypatch.setattr(module, "Clock", partial(Clock, now=now))
