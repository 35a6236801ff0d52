"""The trigger for SQL statements: waits in the triggerer until one ends or passes its deadline."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from airflow.triggers.base import TriggerEvent

from airbrick.operators.cancelling_trigger import CancellingTrigger
from airbrick.operators.errors import AirflowConnectionError, ApiError
from airbrick.operators.poller.cadence import next_look_s
from airbrick.operators.poller.clock import PollerClock
from airbrick.operators.poller.registry import registry_of_loop
from airbrick.operators.runs.statement import read_statement
from airbrick.operators.runs.view import Phase
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.airflow_connection import aread_connection
from airbrick.operators.workspace.async_client import AsyncWorkspaceClient
from airbrick.operators.workspace.retry import Backoff


class StatementTrigger(CancellingTrigger):
    """Watch one statement, with the connections and the budget that all triggers of its workspace share.

    Its event only wakes the task, which looks at the statement itself.

    :param conn_id: Airflow connection of type ``databricks``.
    :param asked_at: when the statement was sent, in seconds since the epoch.
    :param deadline_at: when it is given up, in seconds since the epoch.
    :param attempt: as :meth:`Attempt.to_json` writes it; its event tells it.
    """

    def __init__(
        self,
        *,
        conn_id: str,
        statement_id: str,
        poll_interval_s: float,
        asked_at: float,
        deadline_at: float | None,
        attempt: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(conn_id=conn_id)
        self.statement_id = statement_id
        self.poll_interval_s = poll_interval_s
        self.asked_at = asked_at
        self.deadline_at = deadline_at
        self.attempt = dict(attempt or {})

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Give what the triggerer makes the trigger from; no secret and no SQL is among it."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "conn_id": self.conn_id,
                "statement_id": self.statement_id,
                "poll_interval_s": self.poll_interval_s,
                "asked_at": self.asked_at,
                "deadline_at": self.deadline_at,
                "attempt": self.attempt,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait for the statement's end or its deadline; then give one event."""
        registry = registry_of_loop(aread_connection)
        poller = await registry.poller(self.conn_id)
        async with poller.client as client:
            await self._wait(client, registry.clock)
        self._done = True
        yield TriggerEvent(  # type: ignore[no-untyped-call]
            {
                "statement_id": self.statement_id,
                "deadline_at": self.deadline_at,
                "at": registry.clock.now(),
                **self.attempt,
            }
        )

    @property
    def watched(self) -> str:
        """Name the statement."""
        return f"statement {self.statement_id}"

    def cancel_call(self) -> wire.Call:
        """Give the request that cancels the statement."""
        return wire.cancel_statement(self.statement_id)

    async def _wait(self, client: AsyncWorkspaceClient, clock: PollerClock) -> None:
        backoff, failures = Backoff(), 0
        while self.deadline_at is None or clock.now() < self.deadline_at:
            try:
                statement = read_statement(await client.call(wire.get_statement(self.statement_id)))
            except (ApiError, AirflowConnectionError, KeyError) as error:
                if isinstance(error, ApiError) and wire.is_statement_gone(error):
                    return
                failures += 1
                retry_after_s = error.retry_after_s if isinstance(error, ApiError) else None
                wait_s = backoff.delay_s(failures, retry_after_s=retry_after_s or 1.0, unit=clock.unit())
            else:
                if statement.ended:
                    return
                failures = 0
                wait_s = next_look_s(
                    Phase.RUNNING,
                    age_s=clock.now() - self.asked_at,
                    poll_interval_s=self.poll_interval_s,
                    unit=clock.unit(),
                )
            if self.deadline_at is not None:
                wait_s = min(wait_s, max(0.0, self.deadline_at - clock.now()))
            await clock.sleep(wait_s)
