"""Runs rows in a started Airflow: each wave's tasks to their steps, the act, and on to their ends."""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.operators.chaos.acts import Scene
from tests.operators.chaos.cells import GONE, Cell
from tests.operators.chaos.processes import AirflowProcesses, Deployment, RefusedError, started, wait_for
from tests.operators.chaos.steps import DEFERRED, EVENT, IN_WORKER, OFFICIAL, OURS, STATES
from tests.operators.helpers import api, contract_of, provision
from tools.demo.http import free_port

from airbrick.contract import write
from airbrick.emulator import Emulator, SystemClock

HERE = Path(__file__).parent
PATIENCE_S = 300.0
"""How long nothing may happen, on a machine that does other things as well, until those that wait are given up."""
SETTLE_S = 60.0
ENDS = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})
LATE = "late"
"""A queue that has no worker at first; so is the worker called that is started for it."""
SHUT = "shut"
"""A pool without slots: its tasks stay scheduled until it is opened."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a row ended.

    :param active: runs that still went on when all was over.
    :param most_active: how many of its runs were active at the same time.
    :param refused: what Airflow said to an act that it refused.
    """

    state: str
    runs: int
    cancelled: int
    active: int
    most_active: int
    refused: str = ""

    def faults(self, cell: Cell) -> list[str]:
        """Say what is wrong with it."""
        if self.refused:
            return [self.refused]
        found = []
        if self.state != cell.state:
            found.append(f"task is {self.state}, not {cell.state}")
        if self.active:
            found.append(f"{self.active} orphaned" if self.state in ENDS | {GONE} else f"{self.active} still active")
        if self.most_active > 1:
            found.append(f"{self.most_active} runs at once")
        if self.runs not in cell.runs:
            found.append(f"{self.runs} runs, not {' or '.join(map(str, cell.runs))}")
        if cell.cancelled is not None and self.cancelled != cell.cancelled and not self.active:
            found.append(f"{self.cancelled} cancelled, not {cell.cancelled}")
        return found


@dataclass
class Row:
    """A cell for one of the operators.

    :param ended: its task's last state.
    :param refused: what Airflow said to an act that it refused.
    """

    cell: Cell
    operator: str
    workspace: Emulator
    job_id: int
    kept: Path | None = None
    scene: Scene | None = None
    acted: bool = False
    ended: str | None = None
    refused: str = ""
    outcome: Outcome | None = field(default=None)

    @property
    def key(self) -> str:
        return f"{self.cell.key}__{self.operator}"

    def described(self, home: Path) -> dict[str, Any]:
        """Describe it to Airflow's processes."""
        cell, ours = self.cell, self.operator == OURS
        place = IN_WORKER[cell.step][self.operator] if cell.step in IN_WORKER else None
        return {
            "key": self.key,
            "operator": self.operator,
            "job_id": self.job_id,
            "contract": str(home / "contracts" / f"{self.key}.json"),
            "place": place and {name: getattr(place, name) for name in ("module", "owner", "method", "call")},
            "in_trigger": cell.step in {DEFERRED, EVENT} or cell.speed != 1.0,
            "trigger_module": (
                "airbrick.operators.execution" if ours else "airflow.providers.databricks.operators.databricks"
            ),
            "trigger_name": "RunTrigger" if ours else "DatabricksExecutionTrigger",
            "pauses_event": cell.step == EVENT,
            "speed": cell.speed,
            "signal": int(cell.dies),
            "retries": cell.retries,
            "retry_delay_s": cell.retry_delay_s,
            "queue": LATE if cell.step == "queued" else "default",
            "pool": SHUT if cell.step == "scheduled" else "default_pool",
        }


class Matrix:
    """A started Airflow with its rows."""

    def __init__(self, airflow: AirflowProcesses, rows: Sequence[Row]) -> None:
        self._airflow = airflow
        self.rows = rows
        self._marks = airflow.home / "marks"
        self._open = False

    def run(self, judged: Callable[[], None]) -> None:
        """Run all rows; each restart of a component is a wave by itself, and not seen by the other rows.

        :param judged: is called whenever some rows have their outcomes.
        """
        self._airflow.ask("POST", "pools", name=SHUT, slots=0, description="", include_deferred=False)
        for key in {row.operator: row.key for row in self.rows}.values():
            wait_for(lambda key=key: self._airflow.knows(key), what=f"{key} is parsed")  # type: ignore[misc]
        alone = [row for row in self.rows if row.cell.wave is None]
        waves = [
            list(rows) for _, rows in groupby((r for r in self.rows if r.cell.wave is not None), lambda r: r.cell.wave)
        ]
        for wave in [alone, *waves] if alone else waves:
            self._wave(wave)
            judged()

    def _wave(self, rows: Sequence[Row]) -> None:
        for row in rows:
            made = self._airflow.call("POST", f"{row.key}/dagRuns", logical_date=None, conf={})
            row.scene = Scene(self._airflow, row.workspace, row.key, made["dag_run_id"], row.kept)
        arrived, until = list[Row](), time.monotonic() + PATIENCE_S
        while (waiting := [row for row in rows if not row.acted]) and time.monotonic() < until:
            states = self._airflow.states([row.key for row in waiting])
            before, arrived = arrived, [row for row in waiting if self._is_there(row, states)]
            if any(row not in before for row in arrived):
                until = time.monotonic() + PATIENCE_S
            for row in arrived:
                if row.cell.wave is None:
                    self._act(row)
            together = [row for row in waiting if row.cell.wave is not None]
            if together and all(row in arrived for row in together):
                self._restart(together)
            self._open_gates(rows)
            time.sleep(0.5)
        self._restart([row for row in rows if not row.acted and row.cell.wave is not None])
        self._see_ends(rows)
        self._judge(rows)

    def _is_there(self, row: Row, states: dict[tuple[str, str], str | None]) -> bool:
        cell, scene = row.cell, row.scene
        assert scene is not None
        if not cell.step or cell.dies:
            return True
        state = states.get((row.key, scene.run_id))
        if cell.step == DEFERRED and state == DEFERRED:
            # Before the triggerer has taken the trigger, nobody hears of a person's act.
            return (self._marks / f"{row.key}.watched").exists()
        if cell.step in ENDS and state in ENDS:
            # A clear that comes while Airflow finds that the dag run has ended is lost: it ends, and nothing runs.
            return self._airflow.call("GET", scene.dag_run)["state"] in ENDS
        if cell.step == state == "up_for_retry":
            return self._airflow.heard_of_end(row.key, scene.run_id)
        if cell.step in STATES:
            return state == cell.step or state in ENDS
        return state in ENDS or (self._marks / f"{row.key}.at").exists()

    def _act(self, row: Row) -> None:
        assert row.scene is not None
        if row.cell.then is not None:
            row.workspace.plan(job=row.key, **{"setup_s": 1, **row.cell.then})
        if row.cell.act is not None:
            try:
                row.cell.act(row.scene)
            except RefusedError as error:
                row.refused = str(error)
        row.acted = True
        (self._marks / f"{row.key}.go").touch()

    def _open_gates(self, rows: Sequence[Row]) -> None:
        """Let those start that were held back, once all of them have been acted on."""
        held = {row.cell.step: all(other.acted for other in rows if other.cell.step == row.cell.step) for row in rows}
        if held.get("scheduled") and not self._open:
            self._airflow.ask("PATCH", f"pools/{SHUT}", name=SHUT, slots=16, include_deferred=False)
            self._open = True
        if held.get("queued"):
            self._airflow.start_component(LATE)

    def _restart(self, rows: Sequence[Row]) -> None:
        if not rows or (wave := rows[0].cell.wave) is None:
            return

        def release() -> None:
            for row in rows:
                (self._marks / f"{row.key}.go").touch()

        wave(self._airflow, release)
        for row in rows:
            row.acted = True

    def _see_ends(self, rows: Sequence[Row]) -> None:
        until = time.monotonic() + PATIENCE_S
        going_on = list(rows)
        while going_on and time.monotonic() < until:
            states = self._airflow.states([row.key for row in going_on])
            for row in list(going_on):
                assert row.scene is not None
                row.ended = str(states.get((row.key, row.scene.run_id), GONE))
                if row.ended in ENDS | {GONE}:
                    going_on.remove(row)
                    until = time.monotonic() + PATIENCE_S
            time.sleep(1)

    def _judge(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if row.kept is not None and row.scene is not None:
                # What is left of a fault must not hit those who judge.
                row.scene.workspace.forget()
        until = time.monotonic() + SETTLE_S
        while time.monotonic() < until and any(_active(_runs(row)) for row in rows):
            time.sleep(1)
        for row in rows:
            runs = _runs(row)
            spans = [(run["start_time"], run.get("end_time") or float("inf")) for run in runs]
            row.outcome = Outcome(
                state=str(row.ended),
                runs=len(runs),
                cancelled=sum(run["state"].get("result_state") == "CANCELED" for run in runs),
                active=_active(runs),
                most_active=max((sum(start <= moment < end for start, end in spans) for moment, _ in spans), default=0),
                refused=row.refused,
            )


def _runs(row: Row) -> list[dict[str, Any]]:
    workspace = row.scene.workspace if row.scene is not None else row.workspace
    found: list[dict[str, Any]] = api(workspace, "GET", f"/api/2.2/jobs/runs/list?job_id={row.job_id}").get("runs", [])
    return found


def _active(runs: Sequence[dict[str, Any]]) -> int:
    return sum(not run.get("end_time") for run in runs)


@contextmanager
def prepared(home: Path, cells: Sequence[Cell], deployment: Deployment, provider: Path | None) -> Iterator[Matrix]:
    """Provide for the rows, and start an Airflow that runs them.

    :param provider: the packages of the official provider, whose operator gets the same rows; ``None`` for none.
    """
    operators = [OURS, *([OFFICIAL] if provider else [])]
    for folder in ("dags", "marks", "contracts", "path", "workspaces"):
        (home / folder).mkdir()
    for operator in operators:
        shutil.copy(HERE / "dag_template.py", home / "dags" / f"{operator}.py")
    shutil.copy(HERE / "armed.py", home / "path" / "chaos_armed.py")
    if provider:
        deployment = replace(deployment, packages=(*deployment.packages, provider))
    with ExitStack() as stack:
        shared = stack.enter_context(Emulator(clock=SystemClock(speed=1.0)))
        rows = [_row(home, stack, cell, operator, shared) for cell in cells for operator in operators]
        # Those at the step "scheduled" open the pool for all of them.
        (home / "rows.json").write_text(json.dumps([row.described(home) for row in rows]))
        airflow = stack.enter_context(started(home, deployment, {row.key: _connection(row.workspace) for row in rows}))
        matrix = Matrix(airflow, rows)
        stack.callback(_stop, rows)
        yield matrix


def _row(home: Path, stack: ExitStack, cell: Cell, operator: str, shared: Emulator) -> Row:
    row = Row(cell, operator, shared, 0)
    if cell.own_workspace or cell.fault:
        row.kept = home / "workspaces" / f"{row.key}.journal"
        row.workspace = Emulator(clock=SystemClock(speed=1.0), state=row.kept, port=free_port())
        row.workspace.start()
    job = provision(row.workspace, row.key)
    row.job_id = job.job_id
    row.workspace.plan(job=row.key, **{"setup_s": 1, "run_s": 20.0, **(cell.plan or {})})
    if cell.fault:
        preset, fields = cell.fault
        row.workspace.fault(preset, **fields)
    write(home / "contracts" / f"{row.key}.json", contract_of(row.workspace, [job]))
    return row


def _stop(rows: Sequence[Row]) -> None:
    for row in rows:
        if row.kept is not None:
            (row.scene.workspace if row.scene is not None else row.workspace).stop()


def _connection(workspace: Emulator) -> str:
    at = urlsplit(workspace.host)
    fields = {"host": at.hostname, "port": at.port, "schema": at.scheme, "password": workspace.token}
    return json.dumps({"conn_type": "databricks", **fields})
