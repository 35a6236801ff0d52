"""What people, Databricks and the machine do to a task while the matrix runs."""

import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.operators.chaos.processes import AirflowProcesses, wait_for

from airbrick.emulator import Emulator, SystemClock

GRACE_S = 5.0
"""How long a component stays away."""


@dataclass
class Scene:
    """One task in its surroundings.

    :param kept: the file in which the workspace is kept, where it may be restarted.
    """

    airflow: AirflowProcesses
    workspace: Emulator
    key: str
    run_id: str
    kept: Path | None = None

    @property
    def dag_run(self) -> str:
        return f"{self.key}/dagRuns/{self.run_id}"


Act = Callable[[Scene], None]


def clear(scene: Scene) -> None:
    scene.airflow.call(
        "POST",
        f"{scene.key}/clearTaskInstances",
        dry_run=False,
        dag_run_id=scene.run_id,
        task_ids=["etl"],
        only_failed=False,
        reset_dag_runs=True,
    )


def mark_failed(scene: Scene) -> None:
    scene.airflow.call("PATCH", f"{scene.dag_run}/taskInstances/etl", new_state="failed")


def mark_success(scene: Scene) -> None:
    scene.airflow.call("PATCH", f"{scene.dag_run}/taskInstances/etl", new_state="success")


def delete(scene: Scene) -> None:
    """Delete the dag run; Airflow deletes none that goes on, so it is marked failed before."""
    scene.airflow.call("PATCH", scene.dag_run, state="failed")
    scene.airflow.call("DELETE", scene.dag_run)


def make_again(scene: Scene) -> None:
    """Delete the dag run and make it again under its old id."""
    delete(scene)
    scene.airflow.call("POST", f"{scene.key}/dagRuns", dag_run_id=scene.run_id, logical_date=None, conf={})


def lower_retries_and_clear(scene: Scene) -> None:
    """Deploy the DAG with one retry less, so that a clear keeps ``max_tries``."""
    path = scene.airflow.home / "rows.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    (row,) = [row for row in rows if row["key"] == scene.key]
    row["retries"] -= 1
    path.write_text(json.dumps(rows), encoding="utf-8")
    before = scene.airflow.call("GET", f"{scene.key}/details")
    scene.airflow.ask("PUT", f"parseDagFile/{before['file_token']}")

    def parsed() -> bool | None:
        task = scene.airflow.call("GET", f"{scene.key}/tasks/etl")
        return True if task["retries"] == row["retries"] else None

    wait_for(parsed, what=f"{scene.key} is parsed again")
    clear(scene)


def outage(real_s: float, **fault: Any) -> Act:
    """Let the workspace answer nothing useful for a while; the task's poller may have a faster clock."""

    def act(scene: Scene) -> None:
        scene.workspace.fault("outage", path="/api/*", times=None, **fault)
        time.sleep(real_s)
        scene.workspace.forget()

    return act


def arm(preset: str, **fault: Any) -> Act:
    """Let requests go wrong from now on."""

    def act(scene: Scene) -> None:
        scene.workspace.fault(preset, **fault)

    return act


def restart_workspace(scene: Scene) -> None:
    """Stop the workspace and start it again at its address, from the file that keeps it."""
    port = int(scene.workspace.host.rpartition(":")[2])
    scene.workspace.stop()
    time.sleep(GRACE_S)
    scene.workspace = Emulator(clock=SystemClock(speed=1.0), state=scene.kept, port=port)
    scene.workspace.start()


@dataclass(frozen=True, slots=True)
class Restart:
    """A signal to components, one after the other; each comes back after a while.

    :param number: SIGSTOP lets a component stand still, and go on as if nothing had been.
    :param away_s: how long each stays away, in seconds.
    :param alone: whether what it started lives on.
    """

    components: tuple[str, ...]
    number: signal.Signals
    away_s: float = GRACE_S
    alone: bool = False

    def __str__(self) -> str:
        """Name it in the table."""
        each = "each " * (len(self.components) > 1)
        return f"{each}{self.components[0]} {self.number.name}{' alone' * self.alone}"

    def __call__(self, airflow: AirflowProcesses, release: Callable[[], None]) -> None:
        """Do it once for all tasks that are at their steps.

        :param release: lets the tasks go on, while the component is away.
        """
        for component in self.components:
            if self.number is signal.SIGSTOP:
                airflow.stand_still(component, self.away_s)
            else:
                process = airflow.signal(component, self.number, alone=self.alone)
                release()
                airflow.wait_for_exit(process)
                time.sleep(self.away_s)
                airflow.start_component(component)
                if component != self.components[-1]:
                    airflow.wait_until_up(component)
        release()
