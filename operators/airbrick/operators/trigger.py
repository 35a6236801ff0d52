"""The trigger: waits in the triggerer until a run ends or passes a deadline."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airbrick.operators.airflow_facts import state_among
from airbrick.operators.errors import ApiError
from airbrick.operators.kill import person_acted
from airbrick.operators.poller.registry import Registry, registry_of_loop
from airbrick.operators.poller.watch import Gone, Notice, Watch
from airbrick.operators.runs.changes import change_line
from airbrick.operators.runs.deadlines import Deadline, Deadlines
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.airflow_connection import aread_connection
from airbrick.operators.workspace.retry import Backoff

if TYPE_CHECKING:
    from airbrick.operators.runs.view import RunView

CANCEL_TRIES: Final = 4
"""Airflow gives a trigger 30 s to clean up after a person's action."""

_under_way: Final[set[asyncio.Task[None]]] = set()
"""Cancels that go on even if Airflow no longer waits for them."""


class RunTrigger(BaseTrigger):
    """Watch one run through the poller that all triggers of its workspace share.

    Its event only wakes the task, which looks at the run itself.

    :param conn_id: Airflow connection of type ``databricks``.
    :param run_id: the run.
    :param poll_interval_s: longest time between two looks.
    :param deadlines: as :meth:`Deadlines.to_json` writes them.
    """

    def __init__(
        self, *, conn_id: str, run_id: int, job_id: int, poll_interval_s: float, deadlines: Mapping[str, Any]
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.conn_id = conn_id
        self.run_id = int(run_id)
        self.job_id = int(job_id)
        self.poll_interval_s = poll_interval_s
        self.deadlines = Deadlines(**deadlines)
        self._done = False

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Give what the triggerer makes the trigger from; no secret is among it."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "conn_id": self.conn_id,
                "run_id": self.run_id,
                "job_id": self.job_id,
                "poll_interval_s": self.poll_interval_s,
                "deadlines": self.deadlines.to_json(),
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait for the run's end or a deadline; then give one event."""
        registry = registry_of_loop(aread_connection)
        poller = await registry.poller(self.conn_id)
        with poller.watching(
            self.run_id,
            self.job_id,
            poll_interval_s=self.poll_interval_s,
            submitted_at=self.deadlines.submitted_at,
        ) as watch:
            deadline = await self._wait(watch, registry)
        self._done = True
        yield TriggerEvent(  # type: ignore[no-untyped-call]
            {
                "run_id": self.run_id,
                "job_id": self.job_id,
                "submitted_at": self.deadlines.submitted_at,
                "deadline": None if deadline is None else str(deadline),
            }
        )

    async def on_kill(self) -> None:
        """Cancel the run, but only if a person ended the task.

        Airflow calls this also when another triggerer takes the trigger over.
        Source: https://github.com/apache/airflow/issues/73454
        """
        if self._done:
            return
        # Airflow waits 30 s; on a busy machine signing in may take longer, and nobody else would cancel the run.
        work = asyncio.get_running_loop().create_task(self._end_for_person())
        _under_way.add(work)
        work.add_done_callback(_under_way.discard)
        await asyncio.shield(work)

    async def _end_for_person(self) -> None:
        if not await self._person_acted():
            return
        self.log.info("the task was ended by a person: cancelling run %s", self.run_id)
        registry = registry_of_loop(aread_connection)
        poller = await registry.poller(self.conn_id)
        backoff, clock = Backoff(cap_s=5.0), registry.clock
        for failures in range(1, CANCEL_TRIES + 1):
            try:
                await poller.ask(wire.cancel_run(self.run_id))
            except ApiError as error:
                if not wire.is_transient(error) or failures == CANCEL_TRIES:
                    self.log.exception("run %s could not be cancelled; it may still be running", self.run_id)
                    return
                await clock.sleep(backoff.delay_s(failures, retry_after_s=error.retry_after_s, unit=clock.unit()))
            else:
                return

    async def _wait(self, watch: Watch, registry: Registry) -> Deadline | None:
        clock = registry.clock
        run: RunView | None = None
        while True:
            now = clock.now()
            if passed := self.deadlines.passed(run, now):
                return passed
            expiry = self.deadlines.expiry(run)
            try:
                news = await asyncio.wait_for(
                    watch.news.get(), None if expiry is None else max(0.0, expiry[0] - now) / clock.speed
                )
            except TimeoutError:
                continue
            if isinstance(news, Gone):
                self.log.warning("run %s no longer exists", self.run_id)
                return None
            if isinstance(news, Notice):
                self.log.warning("%s", news.text)
                continue
            if line := change_line(run, news):
                self.log.info("%s", line)
            run = news
            if run.ended:
                return None

    async def _person_acted(self) -> bool:
        """Ask Airflow what became of the task instance; where it cannot tell, nobody did anything."""
        from airflow.sdk.execution_time import task_runner
        from airflow.sdk.execution_time.comms import GetTaskStates, TaskStatesResult

        ti: Any = self.task_instance
        if ti is None:
            return False
        try:
            answer = await task_runner.SUPERVISOR_COMMS.asend(
                GetTaskStates(dag_id=ti.dag_id, run_ids=[ti.run_id], task_ids=[ti.task_id], map_index=ti.map_index)
            )
        except Exception as error:  # noqa: BLE001 -- whatever Airflow's client raises
            self.log.warning("cannot tell who ended the trigger, run %s goes on: %s", self.run_id, error)
            return False
        if not isinstance(answer, TaskStatesResult):
            return False
        state, found = state_among(answer.task_states, ti.run_id, ti.task_id, ti.map_index)
        return person_acted(state, found=found)
