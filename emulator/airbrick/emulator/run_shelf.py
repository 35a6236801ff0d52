"""Where runs are kept and found: by id, by the id of a task's run, by token, newest first."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING

from airbrick.emulator.run import Run
from airbrick.emulator.timeline import TaskRunKey

if TYPE_CHECKING:
    from airbrick.emulator.ids import IdSource

_position = attrgetter("position")


class RunShelf:
    """Finished and active runs in the order in which they were made.

    Ids are positions in disguise, so that a run and the first attempts at its tasks need no index.

    :param ids: where ids come from
    """

    def __init__(self, ids: IdSource) -> None:
        self._ids = ids
        self._runs: list[Run] = []
        self._by_job: dict[int, list[Run]] = {}
        self._active: list[Run] = []
        self._extra: dict[int, tuple[Run, TaskRunKey]] = {}
        self._by_token: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._runs)

    def add(self, run: Run, token: str | None) -> None:
        """Keep a new run.

        :param token: idempotency token that names it
        """
        self._runs.append(run)
        self._by_job.setdefault(run.job_id, []).append(run)
        if token is not None:
            self._by_token[token] = run.run_id

    def remove(self, run: Run) -> None:
        """Forget a run; its token stays taken."""
        for runs in (self._runs, self._by_job[run.job_id]):
            del runs[bisect_left(runs, run.position, key=_position)]
        for number in (run.extra_ids or {}).values():
            del self._extra[number]

    def forget_before(self, horizon_s: float) -> None:
        """Forget the runs that were over by a moment; their tokens stay taken."""
        old = {run.position for run in self._runs if run.end_s <= horizon_s}
        if old:
            self._runs = [run for run in self._runs if run.position not in old]
            self._by_job = {
                job_id: [run for run in runs if run.position not in old] for job_id, runs in self._by_job.items()
            }
            self._extra = {number: found for number, found in self._extra.items() if found[0].position not in old}

    def oldest_first(self) -> Iterator[Run]:
        """Return all runs from the oldest to the newest."""
        return iter(self._runs)

    def get(self, run_id: int) -> Run | None:
        """Return the job run with an id, or None."""
        run = self._holder(run_id)
        return run if run is not None and run.run_id == run_id else None

    def task_run(self, run_id: int) -> tuple[Run, TaskRunKey] | None:
        """Return the run and the attempt that an id stands for, or None."""
        found = self._extra.get(run_id)
        if found is not None:
            return found
        run = self._holder(run_id)
        if run is None or run.run_id == run_id:
            return None
        nodes = run.rounds[0].version.nodes
        place = self._ids.position(run_id) - run.position - 1
        return (run, TaskRunKey(nodes[place].task_key, 0)) if place < len(nodes) else None

    def by_token(self, token: str) -> int | None:
        """Return the id of the run that was made with an idempotency token, or None."""
        return self._by_token.get(token)

    def new_task_run(self, run: Run, key: TaskRunKey) -> None:
        """Give an attempt an id, unless it has one."""
        if run.extra_ids is None:
            run.extra_ids = {}
        if key not in run.extra_ids:
            number = run.extra_ids[key] = self._ids.next()
            self._extra[number] = (run, key)

    def activate(self, run: Run) -> None:
        """Count a run among those that are not over."""
        self._active.insert(bisect_left(self._active, run.position, key=_position), run)

    def retire(self, run: Run) -> None:
        """Count a run no longer among those that are not over."""
        del self._active[bisect_left(self._active, run.position, key=_position)]

    def active(self) -> list[Run]:
        """Return the runs that are not over, oldest first."""
        return list(self._active)

    def has_active(self) -> bool:
        """Tell whether a run is not over."""
        return bool(self._active)

    def is_active(self, run: Run) -> bool:
        """Tell whether a run is not over."""
        return run.ended is None and run.skip is None

    def newest_first(
        self,
        job_id: int | None = None,
        *,
        before: int | None = None,
        active_only: bool = False,
    ) -> Iterator[Run]:
        """Return runs from the newest to the oldest.

        :param job_id: only this job's runs
        :param before: only runs whose position is lower
        :param active_only: only runs that are not over
        """
        runs = self._active if active_only else self._runs if job_id is None else self._by_job.get(job_id, [])
        end = len(runs)
        if before is not None:
            end = bisect_left(runs, before, key=_position)
        chosen = (runs[index] for index in range(end - 1, -1, -1))
        return chosen if job_id is None or not active_only else (run for run in chosen if run.job_id == job_id)

    def _holder(self, number: int) -> Run | None:
        position = self._ids.position(number)
        place = bisect_right(self._runs, position, key=_position) - 1
        return self._runs[place] if position and place >= 0 else None
