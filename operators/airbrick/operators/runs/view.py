"""A run as the Jobs API shows it, reduced to what decisions need."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class Phase(StrEnum):
    """How far a run has come."""

    QUEUED = "queued"
    PENDING = "pending"
    RUNNING = "running"
    TERMINATING = "terminating"
    ENDED = "ended"


# Source: databricks-sdk 0.156, RunLifeCycleState and RunLifecycleStateV2State.
_PHASES: Final = {
    "QUEUED": Phase.QUEUED,
    "BLOCKED": Phase.PENDING,
    "PENDING": Phase.PENDING,
    "RUNNING": Phase.RUNNING,
    "WAITING": Phase.RUNNING,
    "WAITING_FOR_RETRY": Phase.RUNNING,
    "TERMINATING": Phase.TERMINATING,
    "TERMINATED": Phase.ENDED,
    "SKIPPED": Phase.ENDED,
    "INTERNAL_ERROR": Phase.ENDED,
}


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task of a run.

    :param run_id: the task's own run id, which ``runs/get-output`` wants.
    :param result: result state, or the life cycle state while there is none.
    :param ended_at: end in seconds since the epoch; 0 while it has not ended.
    :param active: it runs, or its compute is starting.
    """

    task_key: str
    run_id: int
    result: str
    message: str
    code: str
    url: str
    attempt_number: int
    ended_at: float
    active: bool = False


@dataclass(frozen=True, slots=True)
class Repair:
    """One repair of a run.

    :param started_at: start in seconds since the epoch, on the workspace's clock.
    """

    repair_id: int
    started_at: float
    ended: bool


@dataclass(frozen=True, slots=True)
class RunView:
    """One run.

    :param state: the life cycle state as the workspace names it, perhaps one that is not known here.
    :param result: v1 result state; empty while there is none.
    :param code: termination code; empty while there is none.
    :param kind: termination type, such as ``CLIENT_ERROR``.
    :param started_at: start in seconds since the epoch, on the workspace's clock.
    :param repairs: oldest first; only where the history was asked for.
    """

    run_id: int
    job_id: int
    phase: Phase
    state: str
    result: str = ""
    code: str = ""
    kind: str = ""
    message: str = ""
    url: str = ""
    queue_reason: str = ""
    started_at: float = 0.0
    ended_at: float = 0.0
    queue_s: float = 0.0
    setup_s: float = 0.0
    execution_s: float = 0.0
    tasks: tuple[TaskView, ...] = ()
    repairs: tuple[Repair, ...] = ()

    @property
    def restarted_at(self) -> float:
        """Give the start of the run, or of its last repair, in seconds since the epoch."""
        return max((self.started_at, *(repair.started_at for repair in self.repairs)))

    @property
    def ended(self) -> bool:
        """Tell whether the run has ended."""
        return self.phase is Phase.ENDED


def read_run(body: Mapping[str, Any]) -> RunView:
    """Read a run from ``runs/get`` or from an item of ``runs/list``.

    A life cycle state that is not known here counts as running unless a result stands beside it: a run taken
    for ended too early would be reported as failed, one taken for running is looked at again.

    :param body: the run as the API gives it, with v1 ``state``, v2 ``status``, or both.
    :raises KeyError: the run has no id.
    """
    v1, v2 = _mapping(body, "state"), _mapping(body, "status")
    termination = _mapping(v2, "termination_details")
    result, code = _text(v1, "result_state"), _text(termination, "code")
    names = [name for name in (_text(v2, "state"), _text(v1, "life_cycle_state")) if name]
    return RunView(
        run_id=int(body["run_id"]),
        job_id=int(body.get("job_id") or 0),
        phase=_phase(names, has_result=bool(result or code)),
        state=names[0] if names else "",
        result=result,
        code=code,
        kind=_text(termination, "type"),
        message=_text(termination, "message") or _text(v1, "state_message"),
        url=_text(body, "run_page_url"),
        queue_reason=_text(_mapping(v2, "queue_details"), "message") or _text(v1, "queue_reason"),
        started_at=_seconds(body, "start_time"),
        ended_at=_seconds(body, "end_time"),
        queue_s=_seconds(body, "queue_duration"),
        setup_s=_seconds(body, "setup_duration"),
        execution_s=_seconds(body, "execution_duration") or _seconds(body, "run_duration"),
        tasks=tuple(_read_task(task) for task in body.get("tasks") or () if task.get("run_id")),
        repairs=_read_repairs(body),
    )


def _phase(names: list[str], *, has_result: bool) -> Phase:
    phases = [_PHASES[name] for name in names if name in _PHASES]
    if Phase.ENDED in phases:
        return Phase.ENDED
    if phases:
        return phases[0]
    return Phase.ENDED if has_result else Phase.RUNNING


def _read_repairs(body: Mapping[str, Any]) -> tuple[Repair, ...]:
    # The original run is the first item of the history.
    items = [item for item in body.get("repair_history") or () if item.get("type") == "REPAIR" and item.get("id")]
    found = [
        Repair(
            int(item["id"]),
            _seconds(item, "start_time"),
            ended=_phase(
                [name for name in (_text(_mapping(item, "status"), "state"), _life_cycle(item)) if name],
                has_result=bool(_text(_mapping(item, "state"), "result_state")),
            )
            is Phase.ENDED,
        )
        for item in items
    ]
    return tuple(sorted(found, key=lambda repair: repair.started_at))


def _life_cycle(item: Mapping[str, Any]) -> str:
    return _text(_mapping(item, "state"), "life_cycle_state")


def _read_task(task: Mapping[str, Any]) -> TaskView:
    v1, v2 = _mapping(task, "state"), _mapping(task, "status")
    termination = _mapping(v2, "termination_details")
    state = _text(v1, "life_cycle_state") or _text(v2, "state")
    return TaskView(
        task_key=_text(task, "task_key"),
        run_id=int(task["run_id"]),
        result=_text(v1, "result_state") or (state if state != "TERMINATED" else _text(termination, "code")),
        message=_text(termination, "message") or _text(v1, "state_message"),
        code=_text(termination, "code"),
        url=_text(task, "run_page_url"),
        attempt_number=int(task.get("attempt_number") or 0),
        ended_at=_seconds(task, "end_time"),
        active=state in {"PENDING", "RUNNING"},
    )


def _mapping(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = body.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""


def _seconds(body: Mapping[str, Any], key: str) -> float:
    value = body.get(key)
    return value / 1000 if isinstance(value, int | float) else 0.0
