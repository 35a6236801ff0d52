"""What the triggers share that watch one thing for one task: a person who ends the task ends that thing too."""

import asyncio
from abc import abstractmethod
from typing import Any, Final

from airflow.triggers.base import BaseTrigger

from airbrick.operators.airflow_facts import state_among
from airbrick.operators.errors import AirflowConnectionError, ApiError, ConnectionSettingsError
from airbrick.operators.kill import person_acted
from airbrick.operators.poller.registry import registry_of_loop
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.airflow_connection import aread_connection
from airbrick.operators.workspace.retry import Backoff

CANCEL_TRIES: Final = 4
"""Airflow gives a trigger 30 s to clean up after a person's action."""

under_way: Final[set[asyncio.Task[None]]] = set()
"""Cancels that go on even if Airflow no longer waits for them."""


class CancellingTrigger(BaseTrigger):
    """Watches something for a task, and cancels it if a person ends the task.

    Whoever derives from it sets ``_done`` before its last event.

    :param conn_id: Airflow connection of type ``databricks``.
    """

    def __init__(self, *, conn_id: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.conn_id = conn_id
        self._done = False

    @property
    @abstractmethod
    def watched(self) -> str:
        """Name what is watched, as logs call it."""

    @abstractmethod
    def cancel_call(self) -> wire.Call:
        """Give the request that cancels it; it may be sent twice."""

    async def on_kill(self) -> None:
        """Cancel what is watched, but only if a person ended the task.

        Airflow calls this also when another triggerer takes the trigger over.
        Source: https://github.com/apache/airflow/issues/73454
        """
        if self._done:
            return
        # Airflow waits 30 s; on a busy machine signing in may take longer, and nobody else would send the cancel.
        work = asyncio.get_running_loop().create_task(self._end_for_person())
        under_way.add(work)
        work.add_done_callback(under_way.discard)
        await asyncio.shield(work)

    async def _end_for_person(self) -> None:
        if not await self._person_acted():
            return
        self.log.info("the task was ended by a person: cancelling %s", self.watched)
        registry = registry_of_loop(aread_connection)
        backoff, clock = Backoff(cap_s=5.0), registry.clock
        for failures in range(1, CANCEL_TRIES + 1):
            retry_after_s: float | None = None
            try:
                poller = await registry.poller(self.conn_id)
                async with poller.client as client:
                    await client.call(self.cancel_call())
            except (ApiError, AirflowConnectionError) as error:
                if isinstance(error, ApiError):
                    retry_after_s = error.retry_after_s
                if failures == CANCEL_TRIES or not _may_pass(error):
                    self.log.exception("%s could not be cancelled; it may still be running", self.watched)
                    return
            else:
                return
            await clock.sleep(backoff.delay_s(failures, retry_after_s=retry_after_s, unit=clock.unit()))

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
            self.log.warning("cannot tell who ended the trigger, %s goes on: %s", self.watched, error)
            return False
        if not isinstance(answer, TaskStatesResult):
            return False
        state, found = state_among(answer.task_states, ti.run_id, ti.task_id, ti.map_index)
        return person_acted(state, found=found)


def _may_pass(error: ApiError | AirflowConnectionError) -> bool:
    if isinstance(error, ApiError):
        return wire.is_transient(error)
    # One that Airflow does not give for a moment; its settings are what they are.
    return not isinstance(error, ConnectionSettingsError)
