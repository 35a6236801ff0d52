"""Repairs: which tasks of a run are run again, and with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import ApiError, invalid_parameter
from airbrick.emulator.graph import downstream
from airbrick.emulator.results import CANCELS, FAILURES
from airbrick.emulator.run import JobVersion, Round, Run

if TYPE_CHECKING:
    from airbrick.emulator.plans import Plans
    from airbrick.emulator.timeline import RunTimeline


@dataclass(frozen=True, slots=True)
class RepairOrder:
    """What a request for a repair asks.

    :param tasks: the tasks to run again
    :param all_failed: all failed tasks in place of ``tasks``
    :param dependents: also what depends on them
    :param latest_repair_id: the repair that the caller knows as the last
    :param plans: the plans in force
    :param given: job parameters to change
    :param overriding: other parameters to change, by field
    """

    tasks: tuple[str, ...] = ()
    all_failed: bool = False
    dependents: bool = False
    latest_repair_id: int | None = None
    plans: Plans = ()
    given: Mapping[str, str] = field(default_factory=dict)
    overriding: Mapping[str, Any] = field(default_factory=dict)


def repaired(run: Run, version: JobVersion, order: RepairOrder, repair_id: int) -> Round:
    """Return the round that a repair adds to a run that is over.

    :param version: the job's present settings
    :raises ApiError: the order does not fit the run
    """
    _check(run, order)
    timeline = run.timeline
    if timeline is None:
        raise ApiError(400, "INVALID_STATE", f"Run {run.run_id} never started; there is nothing to repair.")
    again = _chosen(timeline, version, order)
    kept = {key: life for key, life in timeline.tasks.items() if key not in again and version.place(key) is not None}
    firsts = {key: 1 + max((life.numbers[-1] for _, life in run.lives(key)), default=-1) for key in again}
    given = {**run.current.given, **order.given}
    return Round(
        version=version,
        given=given,
        parameters={**version.defaults, **given},
        overriding={**run.current.overriding, **order.overriding},
        plans=order.plans,
        repair_id=repair_id,
        kept=kept,
        firsts=firsts,
    )


def _check(run: Run, order: RepairOrder) -> None:
    if order.all_failed == bool(order.tasks):
        raise invalid_parameter("Give either rerun_tasks or rerun_all_failed_tasks, and not both.")
    latest = run.current.repair_id
    if order.latest_repair_id != latest:
        known = "was not repaired yet" if latest is None else f"was last repaired by repair {latest}"
        raise invalid_parameter(
            f"latest_repair_id is {order.latest_repair_id or 'missing'}, but run {run.run_id} {known}. "
            "Read the run's repair_history and give the id of its last entry."
        )


def _chosen(timeline: RunTimeline, version: JobVersion, order: RepairOrder) -> frozenset[str]:
    if order.all_failed:
        failed = [key for key, life in timeline.tasks.items() if life.result in FAILURES | CANCELS]
        chosen = {key for key in failed if version.place(key) is not None}
        if not chosen:
            raise invalid_parameter("The run has no failed task to repair.")
    else:
        chosen = set(order.tasks)
        for key in order.tasks:
            if version.place(key) is None:
                raise invalid_parameter(f"rerun_tasks: the job has no task '{key}'")
    if order.dependents:
        chosen |= downstream(version.nodes, chosen)
    new = {node.task_key for node in version.nodes if node.task_key not in timeline.tasks}
    return frozenset(chosen | new)
