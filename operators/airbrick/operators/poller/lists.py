"""Lists of runs: what they show of the watched ones, and how crowded they are."""

import asyncio
import math
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from airbrick.operators.poller.plan import Crowd, Listing, Plan, Sight, choose_plan
from airbrick.operators.runs.view import RunView, read_run
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.async_client import AsyncWorkspaceClient

_STRANGERS_MAX: Final = 1000.0


@dataclass(slots=True)
class Listed:
    """What the lists of one cycle showed.

    :param runs: by id; a run that one list shows as active and another as ended has ended since.
    :param whole: lists of ended runs that were read from end to end, by their scope.
    :param pages: requests it took.
    """

    runs: dict[int, RunView] = field(default_factory=dict)
    whole: dict[int | None, list[Listing]] = field(default_factory=dict)
    pages: int = 0

    def shows_absence(self, run: Sight) -> bool:
        """Tell whether a run would have been shown if it had ended."""
        return any(listing.covers(run) for scope in (run.job_id, None) for listing in self.whole.get(scope, ()))


@dataclass(slots=True)
class _Read:
    listing: Listing
    runs: list[RunView] = field(default_factory=list)
    whole: Listing | None = None
    items: int = 0
    pages: int = 0


class Lists:
    """The lists of a workspace's runs.

    :param client: asks the workspace.
    """

    def __init__(self, client: AsyncWorkspaceClient) -> None:
        self._client = client
        self._crowds: dict[int | None, Crowd] = defaultdict(Crowd)

    def plan(self, due: Sequence[Sight], watched: Iterable[Sight], now: float) -> Plan:
        """Plan the requests that show the runs that are due."""
        return choose_plan(due, watched, self._crowds, now)

    def ended(self, run: RunView) -> None:
        """Count a watched run that has ended: lists of ended runs show it from now on."""
        for scope in (run.job_id, None) if run.job_id else ():
            insort(self._crowds[scope].ended, run.started_at)

    def forget(self, watched: Iterable[Sight]) -> None:
        """Forget ends that no list of ended runs will show, because all that is watched started after them."""
        earliest: dict[int | None, float] = {}
        for run in watched:
            for scope in (run.job_id, None):
                earliest[scope] = min(run.started_at or math.inf, earliest.get(scope, math.inf))
        for scope in [scope for scope in self._crowds if scope not in earliest]:
            del self._crowds[scope]
        for scope, crowd in self._crowds.items():
            del crowd.ended[: bisect_left(crowd.ended, earliest[scope])]

    async def read(self, listings: Sequence[Listing], due: Sequence[Sight]) -> Listed:
        """Read lists side by side.

        :param due: the runs they are read for.
        :raises ApiError: one was not answered.
        :raises ConnectionSettingsError: the connection cannot be used.
        """
        reads = [_Read(listing) for listing in listings]
        tasks = [
            asyncio.ensure_future(self._read(read, {run.run_id for run in due if read.listing.covers(run)}))
            for read in reads
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
        self._count(reads)
        found = Listed(pages=sum(read.pages for read in reads))
        for read in sorted(reads, key=lambda read: read.listing.ended):
            found.runs |= {run.run_id: run for run in read.runs}
            if read.whole is not None:
                found.whole.setdefault(read.listing.job_id, []).append(read.whole)
        found.whole = {scope: _joined(windows) for scope, windows in found.whole.items()}
        return found

    async def _read(self, read: _Read, wanted: set[int]) -> None:
        listing, missing, page_token = read.listing, set(wanted), ""
        ask = wire.list_ended_runs if listing.ended else wire.list_active_runs
        # A list that costs more than single looks is not worth its end.
        while read.pages < max(1, len(wanted)):
            page = await self._client.call(
                ask(listing.job_id, since_s=listing.since_s, until_s=listing.until_s, page_token=page_token)
            )
            items = page.get("runs") or []
            runs = [run for run in map(read_item, items) if run is not None]
            read.pages += 1
            read.items += len(items)
            read.runs += runs
            missing.difference_update(run.run_id for run in runs)
            page_token = str(page.get("next_page_token") or "")
            if not page_token:
                read.whole = listing if listing.ended else None
                return
            if not listing.ended and not missing:
                return
        starts = [run.started_at for run in read.runs if run.started_at]
        if listing.ended and starts:
            # Newest first: what started after the last one shown was shown as well.
            read.whole = replace(listing, since_s=math.nextafter(min(starts), math.inf))

    def _count(self, reads: list[_Read]) -> None:
        of_scope: dict[int | None, list[_Read]] = defaultdict(list)
        for read in reads:
            of_scope[read.listing.job_id].append(read)
        for scope, parts in of_scope.items():
            crowd = self._crowds[scope]
            ended = [part for part in parts if part.listing.ended]
            if not ended:
                crowd.active = len({run.run_id for part in parts for run in part.runs})
                continue
            ours = sum(
                bisect_left(crowd.ended, part.listing.until_s) - bisect_left(crowd.ended, part.listing.since_s)
                for part in ended
            )
            crowd.strangers = min(_STRANGERS_MAX, max(1.0, sum(part.items for part in ended) / max(1, ours)))


def _joined(windows: list[Listing]) -> list[Listing]:
    joined: list[Listing] = []
    for window in sorted(windows, key=lambda window: window.since_s):
        if joined and window.since_s <= joined[-1].until_s:
            joined[-1] = replace(joined[-1], until_s=max(joined[-1].until_s, window.until_s))
        else:
            joined.append(window)
    return joined


def read_item(item: object) -> RunView | None:
    """Read a run of a list; ``None`` where it cannot be read.

    A run of somebody else that cannot be read is not looked for; ours is looked at by itself.
    """
    try:
        return read_run(item) if isinstance(item, dict) else None
    except (KeyError, TypeError, ValueError):
        return None
