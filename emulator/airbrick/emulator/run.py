"""One run of a job: what it was made with, and the life that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airbrick.emulator.plans import DEFAULT_PLAN, Plan, Plans, plan_for
from airbrick.emulator.results import Result
from airbrick.emulator.run_state import SIMULATED, SKIPPED_STATE, Phase, State, run_state
from airbrick.emulator.timeline import NEVER, Attempt, Output, RunTimeline, Stop, run_timeline

if TYPE_CHECKING:
    from airbrick.emulator.graph import TaskNode


@dataclass(frozen=True, slots=True)
class JobVersion:
    """A job's settings as they were when a run started.

    :param settings: normalised settings; never changed in place
    :param nodes: the tasks' graph, upstream first
    """

    settings: Mapping[str, Any]
    nodes: tuple[TaskNode, ...]


@dataclass(slots=True, eq=False)
class Run:
    """One run of a job.

    :param seq: position in the workspace's list of runs
    :param parameters: job parameters as they apply to this run
    :param overriding: parameters as run-now gave them, by field
    :param queued: wait when the job is at its limit, in place of being skipped
    :param plans: the plans in force when the run was made
    :param real: tasks without a plan are executed
    :param admitted_s: when the run left the queue; None while it waits
    :param recorded: attempts that were executed, by task key and attempt number
    """

    run_id: int
    seq: int
    job_id: int
    version: JobVersion
    created_s: float
    creator: str
    parameters: Mapping[str, str]
    overriding: Mapping[str, Any]
    queued: bool
    only: frozenset[str] | None
    plans: Plans
    real: bool
    task_ids: dict[tuple[str, int], int]
    admitted_s: float | None = None
    skipped: bool = False
    cancelled_s: float | None = None
    timeline: RunTimeline | None = None
    recorded: dict[tuple[str, int], Attempt] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The job's name when the run started."""
        return str(self.version.settings["name"])

    @property
    def end_s(self) -> float:
        """When the run is over, or :data:`NEVER` while unknown."""
        if self.skipped:
            return self.created_s
        if self.timeline is not None:
            return self.timeline.end_s
        return NEVER if self.cancelled_s is None else self.cancelled_s

    def state(self, now_s: float) -> State:
        """Return the state at a moment."""
        if self.skipped:
            return SKIPPED_STATE
        if self.timeline is None:
            if self.cancelled_s is not None:
                return State(Phase.TERMINATED, Result.CANCELED, "Run cancelled while it was queued.")
            return State(Phase.QUEUED)
        return run_state(self.timeline, now_s)


def planned(run: Run, task_key: str, attempt: int) -> Plan | None:
    """Return the plan that an attempt follows, or None when it is executed."""
    plan = plan_for(run.plans, run.name, task_key, attempt)
    return plan if plan is not None or run.real else DEFAULT_PLAN


def life_of(run: Run) -> RunTimeline:
    """Return the life of a run that was admitted, as far as it is known."""
    if run.admitted_s is None:
        raise AssertionError(f"run {run.run_id} is queued")
    timeout_s = run.version.settings.get("timeout_seconds", 0)
    stops = [] if run.cancelled_s is None else [Stop(run.cancelled_s, Result.CANCELED)]
    if timeout_s:
        stops.append(Stop(run.admitted_s + timeout_s, Result.TIMEDOUT))
    return run_timeline(
        run.version.nodes,
        lambda node, number, start_s: _attempt(run, node, number, start_s),
        start_s=run.admitted_s,
        stop=min(stops, key=lambda stop: stop.at_s, default=None),
        only=run.only,
    )


def _attempt(run: Run, node: TaskNode, number: int, start_s: float) -> Attempt:
    plan = planned(run, node.task_key, number)
    if plan is None:
        recorded = run.recorded.get((node.task_key, number))
        return recorded or Attempt(number, start_s, NEVER, NEVER, Result.SUCCESS, real=True)
    failed = plan.result == Result.FAILED
    running_s = start_s + plan.setup_s
    return Attempt(
        number=number,
        start_s=start_s,
        running_s=running_s,
        end_s=running_s + plan.run_s,
        result=Result(plan.result),
        message=f"Workload failed, see run output for details. {SIMULATED}" if failed else SIMULATED,
        output=Output(
            error=plan.error or ("Planned failure." if failed else None),
            error_trace=plan.error_trace,
            logs=plan.logs,
            notebook_result=plan.output,
            termination_code=plan.termination_code,
            termination_type=plan.termination_type,
        ),
        stop_lag_s=plan.cancel_s,
    )
