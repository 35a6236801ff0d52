"""What happens, and at which step: one row of the matrix each."""

import signal
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.operators.chaos import acts
from tests.operators.chaos.acts import Act, Restart
from tests.operators.chaos.steps import DEFERRED, EVENT, IN_WORKER

RUN_S, LONG_S = 20.0, 100_000.0
OUTLASTS_S: Final = 45.0
"""How long a run goes on whose task must be deferred before its end, however slow the machine is."""
GONE: Final = "gone"


@dataclass(frozen=True, slots=True)
class Cell:
    """One row: something happens once, and then the task must come right.

    :param kind: the ordinary tests run one row of each kind.
    :param step: where the task is when it happens; "" for before it starts.
    :param dies: the signal that the task's process sends itself at the step.
    :param act: what is done once the task is at the step.
    :param wave: a restart that all rows of the same wave see at once, each at its own step.
    :param fault: preset and fields of a fault from the start; the row has a workspace of its own.
    :param cluster: needs PostgreSQL, Celery and two triggerers.
    :param plan: how the first run behaves.
    :param then: how the runs behave that start after the act.
    :param runs: how many runs the workspace may have made.
    :param cancelled: how many of them must have been cancelled; ``None`` where their timing decides.
    :param retries: more than a row needs: on a busy machine Airflow gives up attempts whose heartbeats come late.
    """

    name: str
    kind: str
    step: str = ""
    dies: int = 0
    act: Act | None = None
    wave: Restart | None = None
    fault: tuple[str, dict[str, Any]] | None = None
    own_workspace: bool = False
    cluster: bool = False
    plan: dict[str, Any] | None = None
    then: dict[str, Any] | None = None
    state: str = "success"
    runs: tuple[int, ...] = (1,)
    cancelled: int | None = 0
    retries: int = 4
    retry_delay_s: float = 1.0
    speed: float = 1.0

    @property
    def key(self) -> str:
        """Name the row's DAG and job."""
        return "chaos_" + "".join(letter if letter.isalnum() else "_" for letter in self.name)


SIGNALS: Final = (signal.SIGKILL, signal.SIGTERM)
_TRIGGERERS: Final = ("triggerer", "triggerer 2")


def _worker() -> list[Cell]:
    return [
        Cell(f"worker {number.name} {step}", f"worker {number.name}", step, dies=number)
        for step in IN_WORKER
        for number in SIGNALS
    ]


def _components() -> list[Cell]:
    """Shared processes; each wave finds a task at each step."""
    restarts = [Restart((name,), number) for name in ("triggerer", "scheduler", "api-server") for number in SIGNALS]
    restarts.append(Restart(("scheduler",), signal.SIGKILL, alone=True))
    return [
        # While the API server is away, Airflow fails each attempt before it begins.
        Cell(f"{wave} {step}", "component", step, wave=wave, plan={"run_s": OUTLASTS_S}, retries=8, retry_delay_s=5)
        for wave in restarts
        for step in (*IN_WORKER, DEFERRED, EVENT)
    ]


def _cluster() -> list[Cell]:
    """What only several machines have: workers by themselves, and triggerers that hand over."""
    workers = [Restart(("worker",), number) for number in SIGNALS]
    triggerers = [Restart(_TRIGGERERS, number) for number in SIGNALS]
    # Longer than it takes until the other takes over.
    triggerers.append(Restart(_TRIGGERERS, signal.SIGSTOP, away_s=30.0))
    return [
        Cell(f"Celery: {wave} {step}", "cluster", step, wave=wave, cluster=True, plan=plan)
        for waves, steps, plan in (
            (workers, (*IN_WORKER, DEFERRED), {"run_s": OUTLASTS_S}),
            # Each triggerer in turn: the run outlives both.
            (triggerers, (DEFERRED, EVENT), {"run_s": 150.0}),
        )
        for wave in waves
        for step in steps
    ]


_RUN_NOW: Final = {"path": "*/jobs/run-now"}
_LOOK: Final = {"path": "*/jobs/runs/*", "method": "GET"}
_STORM: Final = {"times": 12, "retry_after_s": 1}


def _faults() -> list[Cell]:
    sending: dict[str, tuple[str, dict[str, Any]]] = {
        "lost answer": ("lost_ack", {}),
        "two lost answers": ("lost_ack", {"times": 2}),
        "disconnect": ("lost_ack", {"when": "before"}),
        "half a body": ("half_body", {}),
        "cut JSON": ("bad_json", {}),
        "503": ("outage", {}),
        "503 though the run started": ("outage", {"when": "after"}),
        "500 though the run started": ("outage", {"when": "after", "status": 500, "error_code": "INTERNAL_ERROR"}),
        "429 storm": ("throttle", _STORM),
        "401": ("token_expired", {}),
    }
    watching: dict[str, tuple[str, dict[str, Any]]] = {
        "disconnects": ("lost_ack", {"times": 6}),
        "half bodies": ("half_body", {"times": 6}),
        "cut JSON": ("bad_json", {"times": 6}),
        "503s": ("outage", {"times": 6}),
        "429 storm": ("throttle", _STORM),
        "401": ("token_expired", {}),
        "old views": ("stale_read", {"times": 6}),
    }
    return [
        *(
            Cell(f"{name} to the request", "fault in the request", fault=(preset, _RUN_NOW | fields))
            for name, (preset, fields) in sending.items()
        ),
        *(
            Cell(
                f"{name} while watching",
                "fault while watching",
                DEFERRED,
                act=acts.arm(preset, **{**_LOOK, **fields}),
                own_workspace=True,
            )
            for name, (preset, fields) in watching.items()
        ),
        Cell("workspace restarted", "workspace away", DEFERRED, act=acts.restart_workspace, own_workspace=True),
        Cell(
            "workspace restarted before the request",
            "workspace away",
            "before the request",
            act=acts.restart_workspace,
            own_workspace=True,
        ),
        Cell("outage of 30 minutes", "workspace away", DEFERRED, act=acts.outage(30.0), own_workspace=True, speed=60.0),
    ]


_FAILS: Final = {"result": "FAILED", "run_s": 2, "error": "no such table"}
_NEVER_ENDS: Final = {"run_s": LONG_S}
_ACTS: Final[dict[str, Act]] = {
    "cleared": acts.clear,
    "marked failed": acts.mark_failed,
    "marked success": acts.mark_success,
    "dag run deleted": acts.delete,
    "dag run made again": acts.make_again,
}
_RENEWS: Final = {"cleared", "dag run made again"}
_STATE_AFTER: Final = {"marked failed": "failed", "marked success": "success", "dag run deleted": GONE}


def _persons() -> list[Cell]:
    """Acts of people in each state of the task; runs that they end never end by themselves: an orphan shows."""
    moments: dict[str, Cell] = {
        "scheduled": Cell("", "", "scheduled"),
        "queued": Cell("", "", "queued", cluster=True),
        "before the request": Cell("", "", "before the request"),
        "before the answer is stored": Cell("", "", "before the answer is stored"),
        "before deferring": Cell("", "", "before deferring"),
        "deferred": Cell("", "", DEFERRED),
        "before the event": Cell("", "", EVENT),
        "before the report": Cell("", "", "before the report"),
        "up for retry": Cell("", "", "up_for_retry", retry_delay_s=900),
        "succeeded": Cell("", "", "success"),
        "failed": Cell("", "", "failed", retries=0),
    }
    unasked, unsure = {"scheduled", "queued"}, {"before the request"}
    failing, ended = {"up for retry", "failed"}, {"before the event", "before the report", "succeeded"}
    cells = []
    for moment, at in moments.items():
        for name, act in _ACTS.items():
            if at.step == _STATE_AFTER.get(name):
                continue
            renews = name in _RENEWS
            had = (0,) if moment in unasked else (0, 1) if moment in unsure else (1,)
            goes_on = moment not in unasked | failing | ended
            first = _FAILS if moment in failing else {"run_s": OUTLASTS_S} if moment in ended else _NEVER_ENDS
            cells.append(
                replace(
                    at,
                    name=f"{name} while {moment}" if " " not in moment else f"{name} {moment}",
                    kind=name,
                    act=act,
                    plan=first,
                    then={"run_s": RUN_S} if renews else _NEVER_ENDS,
                    state="success" if renews else _STATE_AFTER[name],
                    runs=tuple(count + renews for count in had),
                    cancelled=None if moment in unsure else int(goes_on),
                )
            )
    cells.append(
        Cell(
            "cleared after retries were lowered",
            "cleared",
            "success",
            act=acts.lower_retries_and_clear,
            plan={"run_s": 2},
            runs=(2,),
        )
    )
    return cells


CELLS: Final = (*_worker(), *_faults(), *_persons(), *_components(), *_cluster())


SLICE: Final = (
    "worker SIGKILL before the report",
    "worker SIGTERM before deferring",
    "two lost answers to the request",
    "503s while watching",
    "workspace restarted before the request",
    "cleared while scheduled",
    "marked failed while scheduled",
    "marked success while scheduled",
    "dag run deleted while failed",
    "dag run made again up for retry",
    "scheduler SIGKILL alone deferred",
)
"""One row of each kind that one small machine has, for the ordinary tests."""


def chosen(what: str) -> list[Cell]:
    """Choose rows.

    :param what: "full"; parts of kinds' or rows' names, with commas between them; or "" for :data:`SLICE`.
    """
    if what == "full":
        return list(CELLS)
    if what:
        return [cell for cell in CELLS if any(part in cell.kind or part in cell.name for part in what.split(","))]
    by_name = {cell.name: cell for cell in CELLS}
    return [by_name[name] for name in SLICE]
