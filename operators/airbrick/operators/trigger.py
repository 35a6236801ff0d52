"""The trigger: waits in the triggerer until a run ends or passes a deadline."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import TriggerEvent

from airbrick.operators.cancelling_trigger import CancellingTrigger
from airbrick.operators.poller.registry import Registry, registry_of_loop
from airbrick.operators.poller.watch import Gone, Notice, Watch
from airbrick.operators.runs.changes import change_line
from airbrick.operators.runs.deadlines import Deadlines
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.airflow_connection import aread_connection

if TYPE_CHECKING:
    from airbrick.operators.runs.view import RunView


class RunTrigger(CancellingTrigger):
    """Watch one run through the poller that all triggers of its workspace share.

    Its event only wakes the task, which looks at the run itself.

    :param conn_id: Airflow connection of type ``databricks``.
    :param run_id: the run.
    :param poll_interval_s: longest time between two looks.
    :param deadlines: as :meth:`Deadlines.to_json` writes them.
    :param attempt: as :meth:`Attempt.to_json` writes it; its event tells it.
    """

    def __init__(
        self,
        *,
        conn_id: str,
        run_id: int,
        job_id: int,
        poll_interval_s: float,
        deadlines: Mapping[str, Any],
        attempt: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(conn_id=conn_id)
        self.run_id = int(run_id)
        self.job_id = int(job_id)
        self.poll_interval_s = poll_interval_s
        self.deadlines = Deadlines(**deadlines)
        self.attempt = dict(attempt or {})

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
                "attempt": self.attempt,
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
            await self._wait(watch, registry)
        self._done = True
        yield TriggerEvent(  # type: ignore[no-untyped-call]
            {
                "run_id": self.run_id,
                "job_id": self.job_id,
                "submitted_at": self.deadlines.submitted_at,
                "execution_at": self.deadlines.execution_at,
                "at": registry.clock.now(),
                **self.attempt,
            }
        )

    @property
    def watched(self) -> str:
        """Name the run."""
        return f"run {self.run_id}"

    def cancel_call(self) -> wire.Call:
        """Give the request that cancels the run."""
        return wire.cancel_run(self.run_id)

    async def _wait(self, watch: Watch, registry: Registry) -> None:
        clock = registry.clock
        run: RunView | None = None
        while True:
            now = clock.now()
            if passed := self.deadlines.passed(run, now):
                self.log.info("run %s, as last seen, has passed its %s deadline", self.run_id, passed)
                return
            expiry = self.deadlines.expiry(run)
            try:
                async with asyncio.timeout(None if expiry is None else max(0.0, expiry[0] - now) / clock.speed):
                    news = await watch.next_news()
            except TimeoutError:
                continue
            if isinstance(news, Gone):
                self.log.warning("run %s no longer exists", self.run_id)
                return
            if isinstance(news, Notice):
                self.log.warning("%s", news.text)
                continue
            if line := change_line(run, news):
                self.log.info("%s", line)
            run = news
            if run.ended:
                return
