"""Whether a run that was found is this attempt's: one pure table."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from airbrick.operators.runs.outcome import Verdict, repairable, verdict
from airbrick.operators.runs.view import Phase, RunView
from airbrick.operators.submission.record import Record

CLOCK_TOLERANCE_S: Final = 2.0
"""The offset between clocks is read from a header that counts whole seconds."""

CANCEL_SHOWS_S: Final = 5.0
"""A cancel is a request: a run or a statement may look for so long as if nobody had sent one."""


class OnRetry(StrEnum):
    """What an attempt does about the failure that an earlier one reported."""

    NEW_RUN = "new_run"
    REPAIR = "repair"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the DAG says about runs that did not wholly succeed.

    :param partial_success: whether a run counts as successful whose failed tasks the job tolerates.
    """

    on_retry: OnRetry = OnRetry.NEW_RUN
    partial_success: bool = True


class Step(StrEnum):
    """What to do with a run that was found."""

    WATCH = "watch"
    """It is ours and active: wait for its end."""
    REPORT = "report"
    """It is ours and has ended: its outcome is this attempt's."""
    AWAIT = "await"
    """It is active, but an earlier attempt may have cancelled it: look again, and judge what is seen then."""
    END = "end"
    """It is active but not wanted any more: see it end, then start the next."""
    NEXT = "next"
    """It is not ours to report: start the next."""
    REPAIR = "repair"
    """An earlier attempt reported its failure: run its failed tasks again."""
    FAIL = "fail"
    """An earlier attempt reported its failure, and that stands."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a task instance, as Airflow describes it; times in seconds since the epoch.

    :param started_at: when this attempt first started; a resume after deferral keeps it.
    :param dag_run_started_at: when the dag run started, or started again after a clear.
    :param clear_number: how often the dag run was cleared; ``None`` where Airflow does not tell.
    """

    try_number: int
    started_at: float
    dag_run_started_at: float | None
    clear_number: int | None

    def to_json(self) -> dict[str, Any]:
        """Write which attempt it is, for the one that goes on where it was to be resumed."""
        return {"try_number": self.try_number, "began_at": self.started_at}


def judge(
    run: RunView,
    *,
    record: Record | None,
    attempt: Attempt,
    clock_offset_s: float,
    policy: Policy = Policy(),
    first_asked_at: float | None = None,
    seen_for_s: float = 0.0,
) -> Step:
    """Decide what a found run is to this attempt.

    The token alone is not proof for a run that has ended: a clear after ``retries`` was lowered keeps the token,
    and so does a dag run that is deleted and made again under the same run id. So an ended run counts only if it
    started within this dag run and no clear lies between. One that is cancelled and had started before this dag run
    first asked was asked for by a task of the deleted dag run, and cancelled with it.

    :param record: what was stored before this run was found; ``None`` without a store or on the first attempt.
    :param clock_offset_s: the workspace's clock less Airflow's.
    :param first_asked_at: when this process asked with the token, in seconds since the epoch, if nobody else of this
        dag run can have; ``None`` where an earlier process may have.
    :param seen_for_s: how long this attempt has looked at the run, in seconds.
    """
    cancelled, cleared = _is_cancelled(run), _cleared(record, attempt)
    # One that went on after the clear until it ended by itself is that of a task that was not cleared.
    outdated = (cleared and (cancelled or not seen_for_s)) or (
        cancelled and not _since(run, first_asked_at, clock_offset_s)
    )
    known = record is not None and record.run_id == run.run_id
    settled = record is not None and known and record.settled
    own = _since(run, attempt.started_at, clock_offset_s) if record is None else _asked_by(attempt, record)
    if not run.ended:
        ending = run.phase is Phase.TERMINATING
        if settled or (outdated and ending):
            return Step.END
        # Told by the token alone, or by a clear while its worker may have run: then that worker cancels it.
        doubtful = not own if record is None else cleared
        return Step.AWAIT if doubtful and (ending or seen_for_s < CANCEL_SHOWS_S) else Step.WATCH
    if known and own and not settled:
        return Step.REPORT
    within = _since(run, attempt.dag_run_started_at, clock_offset_s)
    if outdated or not (settled or within):
        return Step.NEXT
    outcome = verdict(run, partial_success=policy.partial_success)
    # One that succeeded before the cancel of its deadline reached it has done what this attempt is for.
    if (within and outcome is Verdict.SUCCESS) if settled else (own or _stands(outcome, record)):
        return Step.REPORT
    return _after_failure(run, policy.on_retry, settled=settled)


class Asked(Protocol):
    """What is remembered of a run or a statement."""

    @property
    def try_number(self) -> int: ...  # noqa: D102 -- the attempt that asked, or took it over


def asked_before(record: Asked | None, attempt: Attempt) -> bool:
    """Tell whether what a trigger watched is an earlier attempt's, so that this one begins anew.

    Airflow keeps where a task was to be resumed when it is cleared while it reports, and starts the next attempt there.
    Source: airflow.models.taskinstance.clear_task_instances, which forgets that only for a task that does not run.
    """
    return record is not None and not _asked_by(attempt, record)


def _stands(outcome: Verdict, record: Record | None) -> bool:
    # A run that failed for good was reported by the attempt that saw it, and that attempt was the last. Where
    # a record shows that none saw it, the next run would go against whoever cancelled it.
    return outcome in {Verdict.SUCCESS, Verdict.SKIP} or (outcome is Verdict.REJECT and record is not None)


def _after_failure(run: RunView, on_retry: OnRetry, *, settled: bool) -> Step:
    if on_retry is OnRetry.FAIL:
        return Step.FAIL
    return Step.REPAIR if on_retry is OnRetry.REPAIR and not settled and repairable(run) else Step.NEXT


def _asked_by(attempt: Attempt, record: Asked) -> bool:
    return record.try_number == attempt.try_number


def _cleared(record: Record | None, attempt: Attempt) -> bool:
    if record is None or record.clear_number is None or attempt.clear_number is None:
        return False
    return record.clear_number != attempt.clear_number


def _is_cancelled(run: RunView) -> bool:
    return run.phase is Phase.TERMINATING or run.result == "CANCELED"


def _since(run: RunView, moment: float | None, clock_offset_s: float) -> bool:
    return moment is None or run.restarted_at >= moment + clock_offset_s - CLOCK_TOLERANCE_S
