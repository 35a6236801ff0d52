"""Run the DAG once and watch it, on Airflow's side and on the workspace's."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.demo.errors import UnexpectedError
from tools.demo.stage import DAG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.demo.stage import Stage

TASK = "nightly_orders"
RUN_DATE = "2026-01-15"
_POLL_S = 0.5
_TIMEOUT_S = 300.0
_ENDED = frozenset({"success", "failed"})


@dataclass(frozen=True)
class Moment:
    """The run at one moment.

    :param elapsed_s: seconds since it was triggered
    :param dag_state: Airflow's state of the DAG run
    :param task_state: Airflow's state of its task; empty before it is scheduled
    :param run: the workspace's run; None before it is submitted
    """

    elapsed_s: float
    dag_state: str
    task_state: str
    run: Mapping[str, Any] | None

    @property
    def states(self) -> tuple[str, ...]:
        """Everything that can change, in one line each."""
        tasks = self.run.get("tasks", []) if self.run else []
        return (
            f"DAG run {self.dag_state}",
            f"Airflow task {self.task_state or 'waiting'}",
            *(f"Databricks task {task['task_key']} {state_of(task)}" for task in tasks),
        )


def trigger(stage: Stage) -> str:
    """Let the DAG run, and start one run of it.

    :return: the run's id
    """
    stage.api.unpause(DAG)
    return stage.api.trigger(DAG, f"{RUN_DATE}T02:00:00Z")


def follow(stage: Stage, run_id: str, job_id: str) -> Iterator[Moment]:
    """Watch a DAG run to its end.

    :param run_id: the DAG run
    :param job_id: the job that it runs
    :raises UnexpectedError: when it fails, or does not end in time
    """
    started_s = time.monotonic()
    while True:
        stage.processes.check()
        dag_state = stage.api.run(DAG, run_id)["state"]
        task_state = stage.api.task(DAG, run_id, TASK)["state"] or ""
        runs = stage.workspace.runs(job_id)
        moment = Moment(time.monotonic() - started_s, dag_state, task_state, runs[0] if runs else None)
        yield moment
        if dag_state in _ENDED:
            break
        if moment.elapsed_s > _TIMEOUT_S:
            raise UnexpectedError("the DAG run", f"an end within {_TIMEOUT_S:.0f} s", ", ".join(moment.states))
        time.sleep(_POLL_S)
    if dag_state != "success":
        raise UnexpectedError("the DAG run", "success", f"{dag_state} (task logs: {stage.airflow.logs})")


def state_of(run: Mapping[str, Any]) -> str:
    """Give the state of a workspace's run or task, as its page shows it."""
    status = run.get("status", {})
    ended = status.get("termination_details", {}).get("code")
    return str(ended or status.get("state", "UNKNOWN"))
