"""All runs of a workspace: admission, queue, ends, cancels, repairs, children.

Nothing ticks here. :meth:`RunBook.advance` replays what has become due since the last call, in the order in
which it became due, so that the outcome does not depend on when somebody looks.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airbrick.emulator.behaviour import life_of
from airbrick.emulator.references import UnknownReferenceError
from airbrick.emulator.run import JOB_RUN, JobVersion, Round, Run, Skip, Surroundings
from airbrick.emulator.run_children import (
    MAX_DEPTH,
    Call,
    call_of,
    depth,
    due_moment,
    is_due,
    open_calls,
    parameters_for_child,
    refused,
)
from airbrick.emulator.run_shelf import RunShelf
from airbrick.emulator.timeline import NEVER, Attempt, RunTimeline, TaskRunKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airbrick.emulator.plans import Plans

_HOUR_S = 3600.0

FindJob = Callable[[int], JobVersion | None]


@dataclass(frozen=True, slots=True)
class RunLimits:
    """What a workspace puts up with.

    :param queue_s: how long a run waits in a queue before it is skipped
    :param queue_size: how many runs of a job wait; the next is skipped
    :param retention_s: how long a run that is over is kept
    """

    queue_s: float = 48 * 3600.0
    queue_size: int = 10_000
    retention_s: float = 60 * 86_400.0


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is made of.

    :param given: job parameters of the request
    :param overriding: other parameters of the request, by field
    :param queued: wait when the job is at its limit, in place of being skipped
    :param only: the tasks to run; None for all
    :param real: tasks without a plan are executed
    """

    job_id: int
    version: JobVersion
    creator: str
    plans: Plans = ()
    given: Mapping[str, str] = field(default_factory=dict)
    overriding: Mapping[str, Any] = field(default_factory=dict)
    queued: bool = False
    only: frozenset[str] | None = None
    real: bool = False
    run_type: str = JOB_RUN
    parent: tuple[Run, TaskRunKey] | None = None


@dataclass(slots=True)
class _JobRuns:
    running: int = 0
    waiting: deque[Run] = field(default_factory=deque)


class RunBook(RunShelf):
    """The runs of one workspace.

    :param around: the workspace
    :param find_job: returns the present settings of a job, or None
    """

    def __init__(self, around: Surroundings, find_job: FindJob, limits: RunLimits | None = None) -> None:
        super().__init__(around.ids)
        self.around = around
        self.limits = limits or RunLimits()
        self._find_job = find_job
        self._jobs: dict[int, _JobRuns] = {}
        self._due: list[tuple[float, bool, int, Run]] = []
        self._admitted: list[Run] = []
        self._purge_s = NEVER

    def submit(self, order: Order, now_s: float, token: str | None = None) -> Run:
        """Make a run; call :meth:`advance` first.

        :param token: idempotency token that will name the run
        """
        version = order.version
        position = self.around.ids.reserve(1 + len(version.nodes))
        run = Run(
            run_id=self.around.ids.at(position),
            position=position,
            job_id=order.job_id,
            created_s=now_s,
            creator=order.creator,
            around=self.around,
            queued=order.queued,
            real=order.real,
            rounds=(_first_round(order),),
            run_type=order.run_type,
            parent=order.parent,
        )
        self.add(run, token)
        self._purge_s = min(self._purge_s, now_s + self.limits.retention_s)
        self._enter(run, now_s)
        return run

    def cancel(self, run: Run, now_s: float) -> bool:
        """Cancel a run; call :meth:`advance` first.

        :returns: False when the run was over, or was cancelled before
        """
        if not self.is_active(run) or run.current.cancelled_s is not None:
            return False
        run.current.cancelled_s = now_s
        if run.current.start_s is None:
            self._jobs[run.job_id].waiting.remove(run)
            self._close(run, now_s)
        else:
            self.replan(run)
            self._serve_children(run, now_s)
        return True

    def repair(self, run: Run, repaired: Round, now_s: float, *, real: bool) -> None:
        """Begin to run tasks of a run again; the run must be over.

        :param real: tasks without a plan are executed
        """
        run.real = real
        run.rounds[-1].timeline = run.timeline
        run.rounds = (*run.rounds, repaired)
        run.ended = None
        self.activate(run)
        self._admit(run, now_s)

    def record(self, run: Run, key: TaskRunKey, attempt: Attempt) -> None:
        """Record what an attempt did, so far or at last, that could not be foreseen."""
        run.current.record(key, attempt)
        self.replan(run)

    def replan(self, run: Run) -> RunTimeline:
        """Work out the life of an admitted run again."""
        current = run.current
        current.timeline = timeline = life_of(run, current)
        self._name_task_runs(run, timeline)
        self._schedule(run)
        self._tell_parent(run)
        return timeline

    def _name_task_runs(self, run: Run, timeline: RunTimeline) -> None:
        current, first = run.current, run.rounds[0]
        for task_key, life in timeline.tasks.items():
            if task_key in current.kept:
                continue
            place = first.version.place(task_key)
            for number in life.numbers:
                if number or place is None:
                    self.new_task_run(run, TaskRunKey(task_key, number))
            for attempt in life.attempts:
                for index, inner in enumerate(attempt.iterations):
                    for number in inner.numbers:
                        self.new_task_run(run, TaskRunKey(inner.task_key, number, index, attempt.number))

    def advance(self, now_s: float) -> list[Run]:
        """Replay all that has become due.

        :returns: the runs that were admitted since the last call, oldest first
        """
        while self._due and self._due[0][0] <= now_s:
            at_s, _, _, run = heapq.heappop(self._due)
            if at_s == run.due_s and self.is_active(run):
                run.due_s = NEVER
                self._serve(run, at_s)
        if now_s >= self._purge_s:
            self._purge(now_s)
        admitted, self._admitted = self._admitted, []
        return admitted

    def _enter(self, run: Run, now_s: float) -> None:
        job = self._jobs.setdefault(run.job_id, _JobRuns())
        limit = _limit(run)
        if job.running < limit and not job.waiting:
            self.activate(run)
            self._admit(run, now_s)
        elif not run.queued or limit <= 0:
            text = "Skipped because the job already has as many active runs as max_concurrent_runs allows."
            run.skip = Skip(now_s, "MAX_CONCURRENT_RUNS_EXCEEDED", text)
        elif len(job.waiting) >= self.limits.queue_size:
            run.skip = Skip(now_s, "MAX_JOB_QUEUE_SIZE_EXCEEDED", "Skipped because the job's queue is full.")
        else:
            self.activate(run)
            job.waiting.append(run)
            self._schedule(run)

    def _admit(self, run: Run, at_s: float) -> None:
        run.current.start_s = at_s
        self._jobs.setdefault(run.job_id, _JobRuns()).running += 1
        self._admitted.append(run)
        self.replan(run)
        self._serve_children(run, at_s)

    def _serve(self, run: Run, at_s: float) -> None:
        if run.current.start_s is None:
            self._expire(run, at_s)
        elif run.end_s <= at_s:
            self._end(run)
        else:
            self._serve_children(run, at_s)

    def _expire(self, run: Run, at_s: float) -> None:
        if at_s < run.created_s + self.limits.queue_s:
            return
        self._jobs[run.job_id].waiting.remove(run)
        run.skip = Skip(at_s, "MAX_CONCURRENT_RUNS_EXCEEDED", "Skipped because it waited in the queue for too long.")
        self._close(run, at_s)

    def _end(self, run: Run) -> None:
        end_s = run.end_s
        for key, _, attempt in open_calls(run):
            run.current.record(key, attempt)
        self._jobs[run.job_id].running -= 1
        self._close(run, end_s)
        job = self._jobs[run.job_id]
        while job.waiting and job.running < _limit(job.waiting[0]):
            self._admit(job.waiting.popleft(), end_s)

    def _close(self, run: Run, at_s: float) -> None:
        run.ended, run.ended_s = run.state(at_s), at_s
        self.retire(run)
        self._tell_parent(run)
        run.current.timeline = None

    def _tell_parent(self, child: Run) -> None:
        if child.parent is None:
            return
        parent, key = child.parent
        if parent.current.child(key) is not child or not self.is_active(parent):
            return
        self.replan(parent)
        attempt = call_of(parent, key)
        if attempt is not None and (child.ended is not None or child.skip is not None):
            parent.current.record(key, attempt)

    def _serve_children(self, run: Run, at_s: float) -> None:
        for call in open_calls(run):
            key, _, attempt = call
            child = run.current.child(key)
            if child is not None and attempt.stopping_s <= at_s:
                self.cancel(child, at_s)
            elif child is None and attempt.start_s <= at_s and is_due(attempt):
                self._call(run, call, at_s)
        self._schedule(run)

    def _call(self, run: Run, call: Call, at_s: float) -> None:
        key, node, attempt = call
        job_id = node.details["job_id"]
        version = self._find_job(job_id)
        try:
            given, overriding = parameters_for_child(run, call)
        except UnknownReferenceError as error:
            self.record(run, key, refused(attempt, f"Task {key.task_key}: {error}.", "INVALID_RUN_CONFIGURATION"))
            return
        if version is None or not version.nodes:
            self.record(run, key, refused(attempt, f"Job {job_id} does not exist.", "RESOURCE_NOT_FOUND"))
            return
        if depth(run) >= MAX_DEPTH:
            text = f"Run-job tasks are nested more than {MAX_DEPTH} deep."
            self.record(run, key, refused(attempt, text, "INVALID_RUN_CONFIGURATION"))
            return
        order = Order(
            job_id=job_id,
            version=version,
            creator=run.creator,
            plans=run.current.plans,
            given=given,
            overriding=overriding,
            queued=is_queued(version),
            real=run.real,
            parent=(run, key),
        )
        if run.current.children is None:
            run.current.children = {}
        child = run.current.children[key] = self.submit(order, at_s)
        self._tell_parent(child)

    def _schedule(self, run: Run) -> None:
        moment_s = due_moment(run) if run.current.start_s is not None else run.created_s + self.limits.queue_s
        if moment_s != run.due_s:
            run.due_s = moment_s
            if moment_s < NEVER:
                # What ends at a moment makes room for what begins then.
                heapq.heappush(self._due, (moment_s, moment_s < run.end_s, run.position, run))

    def _purge(self, now_s: float) -> None:
        horizon_s = now_s // _HOUR_S * _HOUR_S - self.limits.retention_s
        self.forget_before(horizon_s)
        oldest_s = next((run.created_s for run in self.oldest_first()), NEVER)
        self._purge_s = NEVER if oldest_s == NEVER else max(oldest_s + self.limits.retention_s, now_s + _HOUR_S)


def parameters_of(version: JobVersion, given: Mapping[str, str]) -> Mapping[str, str]:
    """Return job parameters as they apply: the job's defaults, then what was given."""
    defaults = version.defaults
    return {**defaults, **given} if given else defaults


def _first_round(order: Order) -> Round:
    parameters = parameters_of(order.version, order.given)
    return Round(order.version, order.given, parameters, order.overriding, order.only, order.plans)


def is_queued(version: JobVersion) -> bool:
    """Tell whether runs of a job wait when it is at its limit."""
    return bool(version.settings.get("queue", {}).get("enabled", False))


def _limit(run: Run) -> int:
    return int(run.version.settings.get("max_concurrent_runs", 1))
