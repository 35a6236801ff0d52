"""The trigger for runs that others start: gives an event for each run of a job that ends."""

from collections.abc import AsyncIterator
from typing import Any, Final

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from airbrick.operators.errors import AirflowConnectionError, ApiError
from airbrick.operators.poller.clock import PollerClock
from airbrick.operators.poller.poller import FAILURES_TOLD
from airbrick.operators.poller.registry import registry_of_loop
from airbrick.operators.runs.following import Following, summary
from airbrick.operators.runs.outcome import Verdict, verdict
from airbrick.operators.runs.view import RunView, read_run
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.airflow_connection import aread_connection
from airbrick.operators.workspace.async_client import AsyncWorkspaceClient
from airbrick.operators.workspace.pages import PAGES_MAX
from airbrick.operators.workspace.retry import Backoff

STORE_KEY: Final = "airbrick_following"


class JobRunTrigger(BaseEventTrigger):
    """Give an event for each run of a job that ends, whoever started it.

    As the trigger of an ``AssetWatcher`` it turns a job that runs by its own schedule, or that other systems start,
    into asset events. On Airflow 3.3 what was told is kept in the asset's state store: a restart of the triggerer may
    repeat the ends of its last look, and loses none; before, runs that end while no triggerer runs are not told.

    A run is not seen to end if more than 2,500 of the job started after it; the triggerer's log warns of it.

    A run that ends again because it was repaired gives another event, if it is one of the job's 20 newest.

    The event's payload names ``run_id``, ``job_id``, ``result``, ``code``, ``run_page_url``, ``started_at`` and
    ``ended_at`` (seconds since the epoch).

    :param job_id: the job.
    :param databricks_conn_id: Airflow connection of type ``databricks``.
    :param successes_only: leave out runs that did not succeed.
    :param poll_interval_s: time between two looks, in seconds.
    :param since_s: begin with runs that started at or after this, in seconds since the epoch; by default with those
        that start from now on.
    """

    def __init__(
        self,
        *,
        job_id: int,
        databricks_conn_id: str = "databricks_default",
        successes_only: bool = True,
        poll_interval_s: float = 30.0,
        since_s: float | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.job_id = int(job_id)
        self.databricks_conn_id = databricks_conn_id
        self.successes_only = successes_only
        self.poll_interval_s = poll_interval_s
        self.since_s = since_s
        self._warned = False

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Give what the triggerer makes the trigger from; no secret is among it."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "job_id": self.job_id,
                "databricks_conn_id": self.databricks_conn_id,
                "successes_only": self.successes_only,
                "poll_interval_s": self.poll_interval_s,
                "since_s": self.since_s,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Give an event for each end; never ends by itself."""
        registry = registry_of_loop(aread_connection)
        poller = await registry.poller(self.databricks_conn_id)
        async with poller.client as client:
            async for run in self._ends(client, registry.clock):
                yield TriggerEvent(summary(run))  # type: ignore[no-untyped-call]

    async def _ends(self, client: AsyncWorkspaceClient, clock: PollerClock) -> AsyncIterator[RunView]:
        backoff, failures = Backoff(), 0
        following = await self._remembered() or Following(clock.now() if self.since_s is None else self.since_s)
        while True:
            try:
                ended = following.take(await self._listed(client, following.since_s))
            except (ApiError, AirflowConnectionError) as error:
                failures += 1
                if failures == FAILURES_TOLD:
                    self.log.warning("cannot look at runs of job %s, trying on: %s", self.job_id, error)
                retry_after_s = error.retry_after_s if isinstance(error, ApiError) else None
                delay_s = backoff.delay_s(failures, retry_after_s=retry_after_s, unit=clock.unit())
                await clock.sleep(max(delay_s, backoff.base_s / 2))
                continue
            failures = 0
            for run in ended:
                if not self.successes_only or verdict(run) is Verdict.SUCCESS:
                    yield run
            # After the events: a crash in between repeats an end rather than losing it.
            await self._remember(following)
            await clock.sleep(self.poll_interval_s)

    async def _listed(self, client: AsyncWorkspaceClient, since_s: float) -> list[RunView]:
        runs: list[RunView] = []
        page_token = ""
        for _ in range(PAGES_MAX):
            call = wire.list_runs(self.job_id, started_from_ms=int(since_s * 1000), page_token=page_token)
            page = await client.call(call)
            runs += [read_run(item) for item in page.get("runs") or ()]
            page_token = str(page.get("next_page_token") or "")
            if not page_token:
                return runs
        if not self._warned:
            self.log.warning(
                "job %s has more than %s runs since the oldest that goes on: ends of runs before run %s are not told",
                self.job_id,
                len(runs),
                runs[-1].run_id,
            )
        self._warned = True
        return runs

    async def _remembered(self) -> Following | None:
        store: Any = getattr(self, "asset_state_store", None)
        return None if store is None else Following.from_json(await store.aget(STORE_KEY))

    async def _remember(self, following: Following) -> None:
        store: Any = getattr(self, "asset_state_store", None)
        if store is not None:
            await store.aset(STORE_KEY, following.to_json())
