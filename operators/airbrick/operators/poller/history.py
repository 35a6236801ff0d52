"""How long a job's runs take, from those that have ended."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from airbrick.operators.runs.outcome import Verdict, verdict
from airbrick.operators.runs.view import RunView

TTL_S: Final = 3600.0
"""How long a job's history is used before it is asked for again."""

RUNS_MIN: Final = 5
"""With fewer runs a history says nothing."""

_EARLY: Final = 0.05
_LATE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Span:
    """When a job's runs usually end, in seconds after they start.

    :param early_s: few runs end before this.
    :param late_s: few runs end after this.
    """

    early_s: float
    late_s: float


def usual_span(runs: Iterable[RunView]) -> Span | None:
    """Tell when runs of a job usually end.

    Only runs that succeeded count: a failure may come at any time.

    :returns: ``None`` with too few of them.
    """
    lengths = sorted(
        run.ended_at - run.started_at
        for run in runs
        if run.ended and run.ended_at > run.started_at > 0 and verdict(run) is Verdict.SUCCESS
    )
    if len(lengths) < RUNS_MIN:
        return None
    return Span(lengths[int(_EARLY * len(lengths))], lengths[min(len(lengths) - 1, int(_LATE * len(lengths)))])


@dataclass(slots=True)
class Histories:
    """The histories of the jobs whose runs are watched; each is asked for when a run of its job is first due."""

    _spans: dict[int, tuple[float, Span | None]] = field(default_factory=dict)

    def span(self, job_id: int) -> Span | None:
        """Give a job's usual span, where it is known."""
        return self._spans.get(job_id, (0.0, None))[1]

    def missing(self, job_ids: Iterable[int], now: float) -> int | None:
        """Give a job whose history should be asked for.

        :param now: seconds on a clock that never steps back.
        """
        for job_id in job_ids:
            known = self._spans.get(job_id)
            if job_id and (known is None or now - known[0] > TTL_S):
                return job_id
        return None

    def put(self, job_id: int, span: Span | None, now: float) -> None:
        """Keep a history; ``None`` keeps that there is none."""
        self._spans[job_id] = (now, span)

    def keep_only(self, job_ids: Iterable[int]) -> None:
        """Forget jobs of which no run is watched."""
        kept = set(job_ids)
        self._spans = {job_id: known for job_id, known in self._spans.items() if job_id in kept}
