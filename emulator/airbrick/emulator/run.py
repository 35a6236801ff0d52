"""One run of a job: what it was made with, and the life that follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from airbrick.emulator.plans import Plans
from airbrick.emulator.run_state import QUEUED_STATE, State, run_state, skipped_state, unqueued_state
from airbrick.emulator.timeline import NEVER, Attempt, RunTimeline, TaskRunKey, TaskTimeline

if TYPE_CHECKING:
    from airbrick.emulator.graph import TaskNode
    from airbrick.emulator.ids import IdSource

JOB_RUN, SUBMIT_RUN = "JOB_RUN", "SUBMIT_RUN"
_NONE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True, eq=False)
class JobVersion:
    """A job's settings as they were when a run started.

    :param settings: normalised settings; never changed in place
    :param nodes: the tasks' graph, upstream first
    """

    settings: Mapping[str, Any]
    nodes: tuple[TaskNode, ...]
    tasks: Mapping[str, Mapping[str, Any]] = field(init=False)
    defaults: Mapping[str, str] = field(init=False)
    calls: bool = field(init=False)
    _places: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tasks", {task["task_key"]: task for task in self.settings.get("tasks", ())})
        defaults = {item["name"]: item.get("default", "") for item in self.settings.get("parameters", ())}
        object.__setattr__(self, "defaults", defaults)
        object.__setattr__(self, "_places", {node.task_key: place for place, node in enumerate(self.nodes)})
        kinds = {(node.nested or node).kind for node in self.nodes}
        object.__setattr__(self, "calls", "run_job_task" in kinds)

    def node(self, key: TaskRunKey) -> TaskNode | None:
        """Return the node of an attempt's task, which a for-each task may repeat; None for an unknown one."""
        if key.iteration < 0:
            place = self._places.get(key.task_key)
            return None if place is None else self.nodes[place]
        nested = (node.nested for node in self.nodes if node.nested is not None)
        return next((node for node in nested if node.task_key == key.task_key), None)

    def task(self, key: TaskRunKey) -> Mapping[str, Any]:
        """Return the settings of an attempt's task, which a for-each task may repeat.

        :raises KeyError: there is no such task
        """
        if key.iteration < 0:
            return self.tasks[key.task_key]
        for task in self.tasks.values():
            nested: Mapping[str, Any] | None = task.get("for_each_task", {}).get("task")
            if nested is not None and nested["task_key"] == key.task_key:
                return nested
        raise KeyError(key)

    def place(self, task_key: str) -> int | None:
        """Return the place of a task among the nodes; None for a task that is none of them."""
        return self._places.get(task_key)

    @property
    def name(self) -> str:
        """The job's name."""
        return str(self.settings["name"])


@dataclass(slots=True, eq=False)
class Round:
    """A run as it was first made, or one repair of it.

    :param given: job parameters that the request gave
    :param parameters: job parameters as they apply: the job's defaults, then what was given
    :param overriding: other parameters that the request gave, by field
    :param only: the tasks that run; None for all
    :param plans: the plans in force when the round was made
    :param start_s: when it left the queue; None while it waits
    :param repair_id: None for the first round
    :param kept: the life of tasks that a repair does not run again
    :param firsts: with which numbers the attempts at the other tasks begin
    :param recorded: attempts whose end was not foreseen
    :param children: the runs that run-job tasks made
    """

    version: JobVersion
    given: Mapping[str, str]
    parameters: Mapping[str, str]
    overriding: Mapping[str, Any]
    only: frozenset[str] | None = None
    plans: Plans = ()
    start_s: float | None = None
    repair_id: int | None = None
    kept: Mapping[str, TaskTimeline] = field(default_factory=lambda: _NONE)
    firsts: Mapping[str, int] = field(default_factory=lambda: _NONE)
    cancelled_s: float | None = None
    timeline: RunTimeline | None = None
    recorded: dict[TaskRunKey, Attempt] | None = None
    children: dict[TaskRunKey, Run] | None = None

    def attempt(self, key: TaskRunKey) -> Attempt | None:
        """Return an attempt that was recorded, or None."""
        return self.recorded.get(key) if self.recorded else None

    def record(self, key: TaskRunKey, attempt: Attempt) -> None:
        """Record an attempt."""
        if self.recorded is None:
            self.recorded = {}
        self.recorded[key] = attempt

    def child(self, key: TaskRunKey) -> Run | None:
        """Return the run that a run-job task made, or None."""
        return self.children.get(key) if self.children else None


@dataclass(frozen=True, slots=True)
class Skip:
    """Why and when a run was skipped.

    :param code: termination code
    """

    at_s: float
    code: str
    message: str


@dataclass(slots=True)
class Surroundings:
    """The workspace, as runs need to know it.

    :param ids: where ids come from
    :param host: address of the server
    """

    ids: IdSource
    host: str = ""
    workspace_id: str = ""


@dataclass(slots=True, eq=False)
class Run:
    """One run of a job.

    :param position: its place in the order of all ids; the first attempts at its tasks have the places after it
    :param around: the workspace
    :param queued: wait when the job is at its limit, in place of being skipped
    :param real: tasks without a plan are executed
    :param parent: the attempt at a run-job task that made it
    :param ended: its last state, once it is over
    :param due_s: when something happens to it next, as far as the book was told
    """

    run_id: int
    position: int
    job_id: int
    created_s: float
    creator: str
    around: Surroundings
    queued: bool
    real: bool
    rounds: tuple[Round, ...]
    run_type: str = JOB_RUN
    parent: tuple[Run, TaskRunKey] | None = None
    extra_ids: dict[TaskRunKey, int] | None = None
    skip: Skip | None = None
    ended_s: float = NEVER
    ended: State | None = None
    due_s: float = NEVER

    @property
    def current(self) -> Round:
        """The round that is going on, or was the last."""
        return self.rounds[-1]

    @property
    def version(self) -> JobVersion:
        """The settings of the present round."""
        return self.rounds[-1].version

    @property
    def name(self) -> str:
        """The job's name when the run, or its last repair, started."""
        return self.rounds[-1].version.name

    @property
    def runs_as(self) -> str:
        """The name of the user, service principal or group that it runs as."""
        return next(iter(self.version.settings["run_as"].values()), self.creator)

    @property
    def parameters(self) -> Mapping[str, str]:
        """Job parameters as they apply."""
        return self.rounds[-1].parameters

    @property
    def trigger(self) -> str:
        """What started the run."""
        return "ONE_TIME" if self.parent is None else "RUN_JOB_TASK"

    @property
    def admitted_s(self) -> float | None:
        """When the run left the queue; None while it waits."""
        return self.rounds[0].start_s

    @property
    def timeline(self) -> RunTimeline | None:
        """The life of the present round; None before it starts."""
        current = self.rounds[-1]
        if current.timeline is not None or current.start_s is None:
            return current.timeline
        return _life_again(self, current)

    @property
    def end_s(self) -> float:
        """When the run is over, or :data:`NEVER` while unknown."""
        if self.ended is not None:
            return self.ended_s
        if self.skip is not None:
            return self.skip.at_s
        current = self.rounds[-1]
        if current.timeline is not None:
            return current.timeline.end_s
        return NEVER if current.cancelled_s is None else current.cancelled_s

    def state(self, now_s: float) -> State:
        """Return the state at a moment."""
        if self.ended is not None and self.ended_s <= now_s:
            return self.ended
        if self.skip is not None:
            return skipped_state(self.skip.code, self.skip.message)
        timeline = self.timeline
        if timeline is None:
            return QUEUED_STATE if self.current.cancelled_s is None else unqueued_state()
        return run_state(timeline, now_s)

    def task_run_id(self, key: TaskRunKey) -> int:
        """Return the id of an attempt at a task.

        :raises KeyError: there is no such attempt
        """
        place = self.rounds[0].version.place(key.task_key)
        if key.number == 0 and key.iteration < 0 and place is not None:
            return self.around.ids.at(self.position + 1 + place)
        return (self.extra_ids or {})[key]

    def lives(self, task_key: str) -> Iterator[tuple[Round, TaskTimeline]]:
        """Yield the life of a task in each round that ran it, oldest first."""
        for turn in self.rounds:
            timeline = self.timeline if turn is self.rounds[-1] else turn.timeline
            if timeline is not None and task_key in timeline.tasks and task_key not in turn.kept:
                yield turn, timeline.tasks[task_key]

    def attempts(self) -> Iterator[tuple[TaskRunKey, Attempt]]:
        """Yield the attempts of the present round, those of iterations too."""
        current = self.current
        if current.timeline is None:
            return
        for task_key, life in current.timeline.tasks.items():
            if task_key in current.kept:
                continue
            for attempt in life.attempts:
                yield TaskRunKey(task_key, attempt.number), attempt
                for index, inner in enumerate(attempt.iterations):
                    for one in inner.attempts:
                        yield TaskRunKey(inner.task_key, one.number, index, attempt.number), one

    def life(self, task_key: str, number: int) -> tuple[Round, TaskTimeline] | None:
        """Return the life that holds an attempt at a task; None before the run starts."""
        return next((found for found in self.lives(task_key) if number in found[1].numbers), None)


# What is over is not kept but worked out again: there may be many such runs, and few that somebody looks at.
@lru_cache(maxsize=16)
def _life_again(run: Run, current: Round) -> RunTimeline:
    from airbrick.emulator.behaviour import life_of

    return life_of(run, current)
