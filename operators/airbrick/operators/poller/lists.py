"""Lists of runs: what they show of the watched ones, and how crowded they are."""

import asyncio
import math
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from airbrick.operators.poller.choose import choose_plan
from airbrick.operators.poller.plan import Crowd, Listing, Part, Plan, S, Sight
from airbrick.operators.runs.view import RunView, read_run
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.async_client import AsyncWorkspaceClient


@dataclass(slots=True)
class Listed:
    """What the lists of a part showed.

    :param runs: by id.
    :param whole: of which starts lists of ended runs were read from end to end.
    :param pages: requests it took.
    """

    runs: dict[int, RunView] = field(default_factory=dict)
    whole: list[Listing] = field(default_factory=list)
    pages: int = 0

    def shows_absence(self, run: Sight) -> bool:
        """Tell whether a run would have been shown if it had ended."""
        return any(listing.covers(run) for listing in self.whole)


class Lists:
    """The lists of a workspace's runs.

    :param client: asks the workspace.
    """

    def __init__(self, client: AsyncWorkspaceClient) -> None:
        self._client = client
        self._crowds: dict[int | None, Crowd] = defaultdict(Crowd)

    def plan(self, due: Sequence[S], watched: Iterable[S], now: float) -> Plan[S]:
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
            # What was too crowded once is tried again.
            crowd.active.clear()

    async def read(self, part: Part[S]) -> Listed:
        """Read the lists of a part side by side.

        :raises ApiError: one was not answered.
        :raises AirflowConnectionError: the connection cannot be used.
        """
        listed = Listed()
        tasks = [asyncio.ensure_future(self._read(listing, part, listed)) for listing in part.listings]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
        return listed

    async def _read(self, listing: Listing, part: Part[S], listed: Listed) -> None:
        ask = wire.list_ended_runs if listing.ended else wire.list_active_runs
        missing, shown, page_token = {run.run_id for run in part.due}, dict[int, RunView](), ""
        # A list that costs more than single looks is not worth its end.
        for _ in range(max(1, len(part.due))):
            page = await self._client.call(
                ask(listing.job_id, since_s=listing.since_s, until_s=listing.until_s, page_token=page_token)
            )
            listed.pages += 1
            shown |= {run.run_id: run for run in map(read_item, page.get("runs") or []) if run is not None}
            page_token = str(page.get("next_page_token") or "")
            if not page_token or (not listing.ended and missing <= shown.keys()):
                break
        listed.runs |= shown
        starts = [run.started_at for run in shown.values() if run.started_at]
        if page_token and not starts:
            return
        # Newest first: what started after the last one shown was shown as well.
        whole = replace(listing, since_s=math.nextafter(min(starts), math.inf)) if page_token else listing
        if listing.ended:
            listed.whole.append(whole)
        self._learn(whole, shown, part)

    def _learn(self, whole: Listing, shown: dict[int, RunView], part: Part[S]) -> None:
        """Learn which other runs a list shows that was read from end to end."""
        watched = {run.run_id for run in part.runs}
        crowd = self._crowds[whole.job_id]
        known = crowd.ended if whole.ended else crowd.active
        starts = sorted(run.started_at for run in shown.values() if run.run_id not in watched)
        window = slice(bisect_left(known, whole.since_s), bisect_right(known, whole.until_s))
        known[window] = starts[bisect_left(starts, whole.since_s) : bisect_right(starts, whole.until_s)]


def read_item(item: object) -> RunView | None:
    """Read a run of a list; ``None`` where it cannot be read.

    A run of somebody else that cannot be read is not looked for; ours is looked at by itself.
    """
    try:
        return read_run(item) if isinstance(item, dict) else None
    except (KeyError, TypeError, ValueError):
        return None
