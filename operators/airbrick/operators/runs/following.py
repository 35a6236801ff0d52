"""Which runs of a job have ended since they were last asked for, whoever started them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from airbrick.operators.runs.view import RunView
from airbrick.operators.workspace.wire import LIST_LIMIT

LISTED_WITHIN_S: Final = 60.0
"""A run may be listed this much later than one that started after it."""

_KEPT: Final = LIST_LIMIT - 5
"""Runs that are listed on, for one may be repaired: as many as take no second request, with room for new ones."""


@dataclass(slots=True)
class Following:
    """What is known of a job's runs; each end is told once.

    A run that started long ago may end now, so that runs are listed from the start of the oldest one that goes on. A
    run that is repaired ends again, which is told as well if it is among the newest.

    :param since_s: runs are listed that started at or after this, in seconds since the epoch on the workspace's clock.
    :param told: start and end by run id, of the runs whose end was told.
    """

    since_s: float
    told: dict[int, tuple[float, float]] = field(default_factory=dict)

    def take(self, listed: Iterable[RunView]) -> list[RunView]:
        """Give the runs that have ended, and whose end was not told before, the one that ended first first.

        :param listed: all runs that started since :attr:`since_s`.
        """
        runs = {run.run_id: run for run in listed if run.started_at >= self.since_s}
        ended = [run for run in runs.values() if run.ended and self._is_news(run)]
        self.told |= {run.run_id: (run.started_at, run.ended_at) for run in ended}
        if runs:
            going_on = [run.started_at for run in runs.values() if not run.ended]
            newest = sorted(run.started_at for run in runs.values())[-_KEPT:]
            self.since_s = max(self.since_s, min([*going_on, *newest]) - LISTED_WITHIN_S)
        self.told = {run_id: told for run_id, told in self.told.items() if told[0] >= self.since_s}
        return sorted(ended, key=lambda run: (run.ended_at, run.run_id))

    def _is_news(self, run: RunView) -> bool:
        # A list that lags behind may show the end before a repair once more.
        return run.run_id not in self.told or run.ended_at > self.told[run.run_id][1]

    def to_json(self) -> dict[str, Any]:
        """Write what is known, for Airflow's store."""
        return {"since_s": self.since_s, "told": [[run_id, *told] for run_id, told in sorted(self.told.items())]}

    @classmethod
    def from_json(cls, value: object) -> Self | None:
        """Read what was known; ``None`` for what this version cannot read."""
        if not isinstance(value, Mapping):
            return None
        try:
            told = {int(run_id): (float(start), float(end)) for run_id, start, end in value["told"]}
            return cls(float(value["since_s"]), told)
        except (KeyError, TypeError, ValueError):
            return None


def summary(run: RunView) -> dict[str, Any]:
    """Describe an ended run in an event or an XCom."""
    return {
        "run_id": run.run_id,
        "job_id": run.job_id,
        "result": run.result or run.code or run.state,
        "code": run.code,
        "run_page_url": run.url,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
    }
