"""One cycle: lists are read, and the runs that they leave open are looked at."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence

from airbrick.operators.errors import AirflowConnectionError, ApiError, NotFoundError
from airbrick.operators.poller.lists import Listed, Lists
from airbrick.operators.poller.plan import Part, Plan
from airbrick.operators.poller.turns import in_turns
from airbrick.operators.poller.watch import Gone, Watch
from airbrick.operators.runs.view import RunView, read_run
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.async_client import CONNECTIONS_MAX, AsyncWorkspaceClient


class Cycle:
    """The requests of one cycle, and what came of them.

    :param watches: all runs that are watched; one that no longer exists is taken out.
    :param seen: told of each run that was seen itself.
    :param absent: told of each run that no list of ended runs shows, and which therefore goes on.
    """

    def __init__(
        self,
        client: AsyncWorkspaceClient,
        lists: Lists,
        watches: dict[Watch, None],
        *,
        seen: Callable[[Watch, RunView], None],
        absent: Callable[[Watch], None],
    ) -> None:
        self._client = client
        self._lists = lists
        self._watches = watches
        self._tell_seen = seen
        self._tell_absent = absent
        self._unsure: dict[Watch, None] = {}
        self._limit = asyncio.Semaphore(CONNECTIONS_MAX)
        self._telling = asyncio.Lock()
        self.answered = False
        """Whether any request was answered; if none was, the workspace is at fault, else the run."""
        self.failed: list[tuple[Sequence[Watch], Exception]] = []
        """The runs that a failed request was for, and its error."""

    async def run(self, plan: Plan[Watch], due: Iterable[Watch]) -> None:
        """Send the requests of a plan, and look at each run that is due and was not seen by them."""
        self._unsure = dict.fromkeys(due)
        parts = iter(plan.parts)
        async with asyncio.TaskGroup() as readers:
            for _ in plan.parts[:CONNECTIONS_MAX]:
                readers.create_task(self._read(parts))
        await self._look_all(self._unsure)

    @property
    def _hopeless(self) -> bool:
        """Tell whether asking on is in vain: as many failed as were asked at once, and none was answered."""
        return not self.answered and len(self.failed) >= CONNECTIONS_MAX

    async def _read(self, parts: Iterator[Part[Watch]]) -> None:
        for part in parts:
            if self._hopeless:
                return
            try:
                listed = await self._lists.read(part)
            except (ApiError, AirflowConnectionError) as error:
                self.failed.append((part.due, error))
                for watch in part.due:
                    self._unsure.pop(watch, None)
            else:
                self.answered = True
                async with self._telling:
                    to_look_at = [watch async for watch in in_turns(part.runs) if self._is_open(watch, listed)]
                # Before the next list is read: whoever waits for an end has waited long enough.
                await self._look_all(to_look_at)

    def _is_open(self, watch: Watch, listed: Listed) -> bool:
        """Take what lists show of a run, and tell whether it must be looked at itself.

        A list shows an end as well as a look at the run does, for the task itself looks how it ended. But a list may
        lag behind, and show the end that a repaired run had before. Absence from a list of active runs proves nothing.
        Lists show runs that are not due yet as well: they need not be asked for again so soon.
        """
        if watch not in self._watches:
            return False
        run = listed.runs.get(watch.run_id)
        if run is None and not listed.shows_absence(watch):
            return watch in self._unsure
        if run is not None and run.ended and run.ended_at <= watch.submitted_at:
            return True
        self._unsure.pop(watch, None)
        if run is None:
            self._tell_absent(watch)
        else:
            self._tell_seen(watch, run)
        return False

    async def _look_all(self, watches: Iterable[Watch]) -> None:
        async with asyncio.TaskGroup() as looks:
            for watch in tuple(watches):
                looks.create_task(self._look(watch))

    async def _look(self, watch: Watch) -> None:
        self._unsure.pop(watch, None)
        async with self._limit:
            if watch not in self._watches or self._hopeless:
                return
            try:
                run = read_run(await self._client.call(wire.get_run(watch.run_id)))
            except NotFoundError:
                self.answered = True
                watch.tell(Gone())
                self._watches.pop(watch, None)
            except Exception as error:  # noqa: BLE001 -- one run that cannot be read must not stop the others
                self.failed.append(((watch,), error))
            else:
                self.answered = True
                self._tell_seen(watch, run)
