"""The workspace as people's own triggers and asynchronous tasks call it: nothing blocks, and requests are retried."""

from typing import Any, TypeVar

from airbrick.operators.errors import ApiError
from airbrick.operators.poller.clock import PollerClock
from airbrick.operators.runs.view import RunView
from airbrick.operators.workspace import pages, wire
from airbrick.operators.workspace.async_client import AsyncWorkspaceClient
from airbrick.operators.workspace.patience import RETRY_FOR_S, Patience

_T = TypeVar("_T")


class PatientClient:
    """A Databricks workspace, as :class:`~airbrick.operators.workspace.client.WorkspaceClient`, that never blocks.

    :param client: sends the requests; shared with whatever else asks this workspace from this event loop.
    :param retry_for_s: how long one request is tried, in seconds.
    """

    def __init__(self, client: AsyncWorkspaceClient, *, clock: PollerClock, retry_for_s: float = RETRY_FOR_S) -> None:
        self._client = client
        self._clock = clock
        self._retry_for_s = retry_for_s

    @property
    def host(self) -> str:
        """Give the workspace's address."""
        return self._client.host

    async def call(self, call: wire.Call) -> dict[str, Any]:
        """Send a request that may be sent twice, and read its answer.

        :raises UnavailableError: no useful answer came in time.
        :raises NotFoundError: what was asked for does not exist.
        :raises ApiError: the workspace refused.
        """
        return await self._retrying(call, repeatable=True)

    async def call_once(self, call: wire.Call) -> dict[str, Any]:
        """Send a request that must not be sent twice; only one that was surely not accepted is tried again.

        :raises UnavailableError: the workspace refused it for too long.
        :raises ApiError: the workspace refused, or whether it accepted cannot be told.
        """
        return await self._retrying(call, repeatable=False)

    async def run(self, run_id: int) -> RunView:
        """Look at a run, all pages of its tasks and its repairs included.

        :raises NotFoundError: the run does not exist.
        """
        return await self._read(pages.whole_run(run_id))

    async def task_values(self, run_id: int) -> dict[str, dict[str, Any]]:
        """Ask for the task values that tasks of a run refer to, by task key and name.

        :raises NotFoundError: the run does not exist.
        """
        return await self._read(pages.task_values(run_id))

    async def runs_since(self, job_id: int, started_from_s: float) -> list[RunView]:
        """List the runs of a job, ended or not.

        :param started_from_s: earliest start, in seconds since the epoch.
        """
        return await self._read(pages.runs_since(job_id, started_from_s))

    async def _read(self, reading: "pages.Reading[_T]") -> _T:
        try:
            call = next(reading)
            while True:
                call = reading.send(await self.call(call))
        except StopIteration as done:
            value: _T = done.value
            return value

    async def _retrying(self, call: wire.Call, *, repeatable: bool) -> dict[str, Any]:
        clock = self._clock
        patience = Patience(self.host, clock.monotonic(), self._retry_for_s, repeatable=repeatable)
        while True:
            try:
                return await self._client.call(call)
            except ApiError as error:
                wait_s = patience.wait_s(error, now=clock.monotonic(), unit=clock.unit())
            await clock.sleep(wait_s)
