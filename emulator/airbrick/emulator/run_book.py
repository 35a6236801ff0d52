"""All runs of a workspace: admission, queue, ends, cancels.

Nothing ticks here. :meth:`RunBook.advance` replays what has become due since the last call, in the order in
which it became due, so that the outcome does not depend on when somebody looks.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airbrick.emulator.run import JobVersion, Run, life_of
from airbrick.emulator.timeline import NEVER, Attempt, RunTimeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from airbrick.emulator.ids import IdSource
    from airbrick.emulator.plans import Plans


@dataclass(slots=True)
class _JobRuns:
    runs: list[Run] = field(default_factory=list)
    active: set[int] = field(default_factory=set)
    waiting: deque[Run] = field(default_factory=deque)


class RunBook:
    """The runs of one workspace.

    :param ids: where run ids come from
    """

    def __init__(self, ids: IdSource) -> None:
        self._ids = ids
        self._runs: list[Run] = []
        self._by_id: dict[int, Run] = {}
        self._task_runs: dict[int, tuple[Run, str, int]] = {}
        self._jobs: dict[int, _JobRuns] = {}
        self._active: dict[int, Run] = {}
        self._ends: list[tuple[float, int, Run]] = []
        self._tokens: dict[str, Run] = {}

    def __len__(self) -> int:
        return len(self._runs)

    def get(self, run_id: int) -> Run | None:
        """Return the job run with an id, or None."""
        return self._by_id.get(run_id)

    def task_run(self, run_id: int) -> tuple[Run, str, int] | None:
        """Return the run, task key and attempt number of a task run's id, or None."""
        return self._task_runs.get(run_id)

    def by_token(self, token: str) -> Run | None:
        """Return the run that was made with an idempotency token, or None."""
        return self._tokens.get(token)

    def active(self) -> Iterator[Run]:
        """Yield the runs that are not over, oldest first; call :meth:`advance` first."""
        return iter(list(self._active.values()))

    def newest_first(self, job_id: int | None, before: int | None = None) -> Iterator[Run]:
        """Yield runs from the newest to the oldest.

        :param job_id: only this job's runs
        :param before: only runs whose ``seq`` is lower
        """
        runs = self._runs if job_id is None else self._jobs.get(job_id, _JobRuns()).runs
        if before is not None:
            runs = runs[: _position(runs, before)]
        return reversed(runs)

    def is_active(self, run: Run) -> bool:
        """Tell whether a run is not over; call :meth:`advance` first."""
        return run.run_id in self._active

    def submit(
        self,
        *,
        job_id: int,
        version: JobVersion,
        now_s: float,
        creator: str,
        parameters: Mapping[str, str],
        overriding: Mapping[str, Any],
        queued: bool,
        only: frozenset[str] | None,
        plans: Plans,
        real: bool,
        token: str | None,
    ) -> Run:
        """Make a run; call :meth:`advance` first.

        :param token: idempotency token that will name the run
        """
        run_id = self._ids.next()
        task_ids = {(node.task_key, 0): self._ids.next() for node in version.nodes}
        run = Run(
            run_id=run_id,
            seq=len(self._runs),
            job_id=job_id,
            version=version,
            created_s=now_s,
            creator=creator,
            parameters=parameters,
            overriding=overriding,
            queued=queued,
            only=only,
            plans=plans,
            real=real,
            task_ids=task_ids,
        )
        self._runs.append(run)
        self._by_id[run_id] = run
        for (task_key, attempt), task_run_id in task_ids.items():
            self._task_runs[task_run_id] = (run, task_key, attempt)
        if token is not None:
            self._tokens[token] = run
        job = self._jobs.setdefault(job_id, _JobRuns())
        job.runs.append(run)
        self._enter(run, job, now_s)
        return run

    def cancel(self, run: Run, now_s: float) -> bool:
        """Cancel a run; call :meth:`advance` first.

        :returns: False when the run was over, or was cancelled before
        """
        if not self.is_active(run) or run.cancelled_s is not None:
            return False
        run.cancelled_s = now_s
        if run.admitted_s is None:
            self._jobs[run.job_id].waiting.remove(run)
            self._leave(run)
        else:
            self.replan(run)
        return True

    def record(self, run: Run, task_key: str, attempt: Attempt) -> None:
        """Record what an executed attempt did, so far or at last."""
        run.recorded[task_key, attempt.number] = attempt
        self.replan(run)

    def replan(self, run: Run) -> RunTimeline:
        """Work out the life of an admitted run again."""
        run.timeline = timeline = life_of(run)
        for task_key, task in timeline.tasks.items():
            for attempt in task.attempts:
                if (task_key, attempt.number) not in run.task_ids:
                    task_run_id = self._ids.next()
                    run.task_ids[task_key, attempt.number] = task_run_id
                    self._task_runs[task_run_id] = (run, task_key, attempt.number)
        if timeline.end_s != NEVER:
            heapq.heappush(self._ends, (timeline.end_s, run.seq, run))
        return timeline

    def advance(self, now_s: float) -> list[Run]:
        """Replay all that has become due.

        :returns: the runs that left the queue, oldest first
        """
        admitted: list[Run] = []
        while self._ends and self._ends[0][0] <= now_s:
            end_s, _, run = heapq.heappop(self._ends)
            if run.end_s != end_s or run.run_id not in self._active:
                continue
            self._leave(run)
            job = self._jobs[run.job_id]
            while job.waiting and len(job.active) < _limit(job.waiting[0]):
                following = job.waiting.popleft()
                self._admit(following, job, end_s)
                admitted.append(following)
        return admitted

    def _enter(self, run: Run, job: _JobRuns, now_s: float) -> None:
        if len(job.active) < _limit(run) and not job.waiting:
            self._active[run.run_id] = run
            self._admit(run, job, now_s)
        elif run.queued and _limit(run) > 0:
            self._active[run.run_id] = run
            job.waiting.append(run)
        else:
            run.skipped = True

    def _admit(self, run: Run, job: _JobRuns, at_s: float) -> None:
        run.admitted_s = at_s
        job.active.add(run.run_id)
        self.replan(run)

    def _leave(self, run: Run) -> None:
        self._active.pop(run.run_id, None)
        self._jobs[run.job_id].active.discard(run.run_id)


def _limit(run: Run) -> int:
    return int(run.version.settings.get("max_concurrent_runs", 1))


def _position(runs: list[Run], seq: int) -> int:
    low, high = 0, len(runs)
    while low < high:
        middle = (low + high) // 2
        if runs[middle].seq < seq:
            low = middle + 1
        else:
            high = middle
    return low
