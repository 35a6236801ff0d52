"""What is killed or cleared, and at which step: one row of the matrix each."""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.operators.chaos.processes import AirflowProcesses

Act = Callable[[AirflowProcesses, str, str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """A call in the worker, right before which its process ends.

    :param call: which call of the process.
    """

    module: str
    owner: str
    method: str
    call: int = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """One row: something happens once, and then the task must come right.

    :param step: where the worker dies; ``None`` where something else happens.
    :param act: what is done once the task is deferred.
    :param runs: how many runs the workspace must have made, at most one of them active at a time.
    :param sliced: whether the row is among the few that the ordinary tests run.
    """

    name: str
    step: Step | None = None
    signal: int = signal.SIGKILL
    act: Act | None = None
    state: str = "success"
    runs: int = 1
    cancelled: int = 0
    sliced: bool = False

    @property
    def key(self) -> str:
        """Name the row's DAG and job."""
        return "chaos_" + "".join(letter if letter.isalnum() else "_" for letter in self.name)


_RECORDS: Final = "airbrick.operators.submission.record"
_SUBMIT: Final = "airbrick.operators.submission.submit"
_STEPS: Final = {
    "the intent": Step(_RECORDS, "RecordStore", "write", 1),
    "the request": Step(_SUBMIT, "Submission", "_request", 1),
    "the answer is stored": Step(_RECORDS, "RecordStore", "write", 2),
    "the first look": Step("airbrick.operators.workspace.client", "WorkspaceClient", "run", 1),
    "deferring": Step("airbrick.operators.execution", "Execution", "_wait", 1),
}


def _clear(airflow: AirflowProcesses, dag_id: str, run_id: str) -> None:
    airflow.call(
        "POST",
        f"{dag_id}/clearTaskInstances",
        dry_run=False,
        dag_run_id=run_id,
        task_ids=["etl"],
        only_failed=False,
        reset_dag_runs=True,
    )


def _mark(state: str) -> Act:
    def act(airflow: AirflowProcesses, dag_id: str, run_id: str) -> None:
        airflow.call("PATCH", f"{dag_id}/dagRuns/{run_id}/taskInstances/etl", new_state=state)

    return act


def _restart(component: str, number: signal.Signals) -> Act:
    def act(airflow: AirflowProcesses, dag_id: str, run_id: str) -> None:
        airflow.kill(component, number)
        airflow.start_component(component)

    return act


CELLS: Final = (
    *(
        Cell(f"worker {number.name} before {name}", step, number, sliced=number is signal.SIGKILL)
        for name, step in _STEPS.items()
        for number in (signal.SIGKILL, signal.SIGTERM)
    ),
    Cell("cleared while deferred", act=_clear, runs=2, cancelled=1, sliced=True),
    Cell("marked failed while deferred", act=_mark("failed"), state="failed", cancelled=1, sliced=True),
    Cell("marked success while deferred", act=_mark("success"), cancelled=1),
    Cell("triggerer SIGKILL", act=_restart("triggerer", signal.SIGKILL), sliced=True),
    Cell("triggerer SIGTERM", act=_restart("triggerer", signal.SIGTERM)),
    Cell("scheduler SIGKILL", act=_restart("scheduler", signal.SIGKILL)),
    Cell("API server SIGKILL", act=_restart("api-server", signal.SIGKILL)),
)
