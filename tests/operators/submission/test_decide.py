"""The reattach table, row by row."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.runs.view import Phase, Repair, RunView
from airbrick.operators.submission.decide import CANCEL_SHOWS_S, Attempt, OnRetry, Policy, Step, judge
from airbrick.operators.submission.record import Record

DAG_RUN_START = 1000.0
FIRST = Attempt(try_number=1, started_at=1010.0, dag_run_started_at=DAG_RUN_START, clear_number=0)
SECOND = replace(FIRST, try_number=2, started_at=2000.0)
RECORD = Record(0, "t", "https://w", 2, run_id=7, try_number=1, clear_number=0, asked_at=1011.0)


def run(phase: Phase = Phase.RUNNING, *, result: str = "", code: str = "", started_at: float = 1012.0) -> RunView:
    return RunView(7, 2, phase, phase.upper(), result, code, started_at=started_at)


SUCCESS = run(Phase.ENDED, result="SUCCESS", code="SUCCESS")
FAILED = run(Phase.ENDED, result="FAILED", code="RUN_EXECUTION_ERROR")
CANCELLED = run(Phase.ENDED, result="CANCELED", code="USER_CANCELED")


@pytest.mark.parametrize(
    ("seen", "record", "attempt", "expected"),
    [
        # A worker died while the run went on: the next attempt takes it over.
        (run(), RECORD, SECOND, Step.WATCH),
        # Without a store it may be one that an earlier attempt cancelled: how it ends, or that it goes on, tells.
        (run(), None, SECOND, Step.AWAIT),
        (run(Phase.TERMINATING), None, SECOND, Step.AWAIT),
        (run(), None, FIRST, Step.WATCH),
        (run(Phase.TERMINATING), None, FIRST, Step.WATCH),
        (run(Phase.QUEUED), RECORD, SECOND, Step.WATCH),
        # It succeeded meanwhile.
        (SUCCESS, RECORD, SECOND, Step.REPORT),
        (SUCCESS, None, SECOND, Step.REPORT),
        # It failed and an earlier attempt reported that: a retry means another run.
        (FAILED, RECORD, SECOND, Step.NEXT),
        (FAILED, None, SECOND, Step.NEXT),
        # This very attempt started it and it failed at once.
        (FAILED, RECORD, FIRST, Step.REPORT),
        (FAILED, replace(RECORD, run_id=None), FIRST, Step.REPORT),
        (FAILED, None, FIRST, Step.REPORT),
        # A person cancelled it while no attempt looked: do not go against that.
        (CANCELLED, RECORD, SECOND, Step.REPORT),
        # Without a store that cannot be told from a run that was reported before.
        (CANCELLED, None, SECOND, Step.NEXT),
        # A deadline cancelled it and that was reported.
        (CANCELLED, replace(RECORD, settled=True), SECOND, Step.NEXT),
        # It succeeded before that cancel reached it.
        (SUCCESS, replace(RECORD, settled=True), SECOND, Step.REPORT),
        # What began before this dag run did is not its work, whatever is remembered.
        (replace(SUCCESS, started_at=DAG_RUN_START - 60), replace(RECORD, settled=True), SECOND, Step.NEXT),
        (run(Phase.TERMINATING), replace(RECORD, settled=True), SECOND, Step.END),
        (run(), replace(RECORD, settled=True), SECOND, Step.END),
        # The task was cleared, but `retries` had been lowered, so the token is the same.
        (SUCCESS, RECORD, replace(SECOND, clear_number=1), Step.NEXT),
        (run(Phase.TERMINATING), RECORD, replace(SECOND, clear_number=1), Step.END),
        # This one's worker may just have cancelled it, or another task of the dag run was cleared.
        (run(), RECORD, replace(SECOND, clear_number=1), Step.AWAIT),
        # The dag run was deleted and made again: same token, and last week's success.
        (replace(SUCCESS, started_at=500.0), None, FIRST, Step.NEXT),
        (replace(SUCCESS, started_at=500.0), replace(RECORD, run_id=None), FIRST, Step.NEXT),
        (replace(FAILED, started_at=500.0), None, FIRST, Step.NEXT),
    ],
)
def test_the_reattach_table(seen: RunView, record: Record | None, attempt: Attempt, expected: Step) -> None:
    assert judge(seen, record=record, attempt=attempt, clock_offset_s=0.0) is expected


@pytest.mark.parametrize(
    ("seen", "record", "expected"),
    [
        (run(), None, Step.WATCH),
        (run(Phase.TERMINATING), None, Step.AWAIT),
        # Another task of the dag run was cleared while this one's worker was down.
        (run(), RECORD, Step.WATCH),
        (run(Phase.TERMINATING), RECORD, Step.END),
        (CANCELLED, RECORD, Step.NEXT),
        (SUCCESS, RECORD, Step.REPORT),
    ],
)
def test_a_run_that_goes_on_after_a_cancel_would_have_shown_is_watched(
    seen: RunView, record: Record | None, expected: Step
) -> None:
    attempt = replace(SECOND, clear_number=1)
    assert judge(seen, record=record, attempt=attempt, clock_offset_s=0.0, seen_for_s=CANCEL_SHOWS_S) is expected


@pytest.mark.parametrize(
    ("seen", "first_asked_at", "expected"),
    [
        # The dag run was deleted and made again while the task of the old one sent its request: that run is cancelled.
        (CANCELLED, 1020.0, Step.NEXT),
        (run(Phase.TERMINATING), 1020.0, Step.END),
        # Nobody cancelled it: it is within this dag run, and another would do its work twice.
        (SUCCESS, 1020.0, Step.REPORT),
        (FAILED, 1020.0, Step.REPORT),
        (run(), 1020.0, Step.WATCH),
        # It is the answer to this process's own request, and somebody was quick.
        (CANCELLED, 1011.0, Step.REPORT),
        (run(Phase.TERMINATING), 1011.0, Step.WATCH),
    ],
)
def test_a_run_from_before_the_first_request_of_the_dag_run_is_not_this_attempts(
    seen: RunView, first_asked_at: float, expected: Step
) -> None:
    intent = replace(RECORD, run_id=None, asked_at=first_asked_at)
    step = judge(seen, record=intent, attempt=FIRST, clock_offset_s=0.0, first_asked_at=first_asked_at)
    assert step is expected


def test_clocks_that_disagree_do_not_make_a_run_look_old() -> None:
    # The workspace is a minute behind: a run that started right after the dag run has an earlier time.
    behind = replace(SUCCESS, started_at=DAG_RUN_START + 1 - 60)
    assert judge(behind, record=None, attempt=FIRST, clock_offset_s=-60.0) is Step.REPORT
    assert judge(behind, record=None, attempt=FIRST, clock_offset_s=0.0) is Step.NEXT


RUNS = st.builds(
    run,
    st.sampled_from(Phase),
    result=st.sampled_from(["", "SUCCESS", "FAILED", "CANCELED"]),
    code=st.sampled_from(["", "SUCCESS", "USER_CANCELED", "NEW"]),
    started_at=st.floats(0, 3000),
)
RECORDS = st.none() | st.builds(
    replace,
    st.just(RECORD),
    run_id=st.sampled_from([None, 7]),
    try_number=st.integers(1, 3),
    clear_number=st.sampled_from([None, 0, 1]),
    settled=st.booleans(),
)
ATTEMPTS = st.builds(
    Attempt,
    try_number=st.integers(1, 3),
    started_at=st.floats(1000, 3000),
    dag_run_started_at=st.none() | st.floats(0, 1000),
    clear_number=st.sampled_from([None, 0, 1]),
)


@given(RUNS, RECORDS, ATTEMPTS)
def test_an_active_run_is_never_left_alone_and_an_ended_one_never_watched(
    seen: RunView, record: Record | None, attempt: Attempt
) -> None:
    step = judge(seen, record=record, attempt=attempt, clock_offset_s=0.0)
    assert step in ({Step.REPORT, Step.NEXT} if seen.ended else {Step.WATCH, Step.AWAIT, Step.END})


@given(RUNS, RECORDS, ATTEMPTS)
def test_no_run_from_before_the_dag_run_is_reported_unless_this_attempt_stored_it(
    seen: RunView, record: Record | None, attempt: Attempt
) -> None:
    step = judge(seen, record=record, attempt=attempt, clock_offset_s=0.0)
    old = attempt.dag_run_started_at is not None and seen.started_at < attempt.dag_run_started_at - 2.0
    own = record is not None and record.run_id == seen.run_id and record.try_number == attempt.try_number
    if old and not own:
        assert step is not Step.REPORT


PARTLY = run(Phase.ENDED, result="SUCCESS_WITH_FAILURES", code="SUCCESS_WITH_FAILURES")


@pytest.mark.parametrize(
    ("seen", "record", "attempt", "on_retry", "expected"),
    [
        (FAILED, RECORD, SECOND, OnRetry.REPAIR, Step.REPAIR),
        (FAILED, RECORD, SECOND, OnRetry.FAIL, Step.FAIL),
        (FAILED, None, SECOND, OnRetry.REPAIR, Step.REPAIR),
        # Only failures are repaired: not what succeeded, what goes on, or what this attempt has not reported yet.
        (SUCCESS, RECORD, SECOND, OnRetry.REPAIR, Step.REPORT),
        (run(), RECORD, SECOND, OnRetry.FAIL, Step.WATCH),
        (FAILED, RECORD, FIRST, OnRetry.REPAIR, Step.REPORT),
        # Never against a person's wish, and not what a deadline cancelled: that had no end of its own.
        (CANCELLED, RECORD, SECOND, OnRetry.REPAIR, Step.REPORT),
        (FAILED, replace(RECORD, settled=True), SECOND, OnRetry.REPAIR, Step.NEXT),
        (FAILED, replace(RECORD, settled=True), SECOND, OnRetry.FAIL, Step.FAIL),
        # A clear asks for a new run.
        (FAILED, RECORD, replace(SECOND, clear_number=1), OnRetry.REPAIR, Step.NEXT),
        (FAILED, RECORD, replace(SECOND, clear_number=1), OnRetry.FAIL, Step.NEXT),
        (PARTLY, RECORD, SECOND, OnRetry.NEW_RUN, Step.REPORT),
    ],
)
def test_what_a_retry_does_about_a_failure(
    seen: RunView, record: Record | None, attempt: Attempt, on_retry: OnRetry, expected: Step
) -> None:
    assert judge(seen, record=record, attempt=attempt, clock_offset_s=0.0, policy=Policy(on_retry)) is expected


def test_tolerated_failures_are_tried_again_where_the_dag_does_not_tolerate_them() -> None:
    policy = Policy(partial_success=False)
    assert judge(PARTLY, record=RECORD, attempt=SECOND, clock_offset_s=0.0, policy=policy) is Step.NEXT


def test_without_a_store_the_last_repair_tells_whose_failure_it_is() -> None:
    repaired = replace(FAILED, repairs=(Repair(1, SECOND.started_at + 5, ended=True),))
    policy = Policy(OnRetry.REPAIR)
    assert judge(repaired, record=None, attempt=SECOND, clock_offset_s=0.0, policy=policy) is Step.REPORT
    third = replace(SECOND, try_number=3, started_at=3000.0)
    assert judge(repaired, record=None, attempt=third, clock_offset_s=0.0, policy=policy) is Step.REPAIR
