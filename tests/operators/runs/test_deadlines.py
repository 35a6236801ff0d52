import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.runs.deadlines import Deadline, Deadlines
from airbrick.operators.runs.view import Phase, RunView


def run(phase: Phase, *, queue_s: float = 0.0) -> RunView:
    return RunView(1, 2, phase, phase.upper(), queue_s=queue_s)


ALL = Deadlines(submitted_at=1000.0, queue_s=10.0, start_s=20.0, run_s=30.0, execution_at=2000.0)


@pytest.mark.parametrize(
    ("phase", "queue_s", "now", "expected"),
    [
        (Phase.QUEUED, 0.0, 1009.9, None),
        (Phase.QUEUED, 0.0, 1010.0, Deadline.QUEUE),
        (Phase.PENDING, 5.0, 1024.9, None),
        (Phase.PENDING, 5.0, 1025.0, Deadline.START),
        (Phase.RUNNING, 5.0, 1025.0, None),
        (Phase.RUNNING, 5.0, 1035.0, Deadline.RUN),
        (Phase.TERMINATING, 5.0, 1035.0, Deadline.RUN),
        (Phase.ENDED, 5.0, 9999.0, None),
    ],
)
def test_each_phase_has_its_limit(phase: Phase, queue_s: float, now: float, expected: Deadline | None) -> None:
    assert ALL.passed(run(phase, queue_s=queue_s), now) is expected


def test_execution_timeout_ends_any_phase_even_before_the_run_was_seen() -> None:
    limits = Deadlines(submitted_at=0.0, execution_at=100.0)
    assert limits.passed(None, 99.0) is None
    assert limits.passed(None, 100.0) is Deadline.EXECUTION
    assert limits.passed(run(Phase.QUEUED), 100.0) is Deadline.EXECUTION


def test_before_the_run_was_seen_its_phase_is_not_guessed() -> None:
    assert Deadlines(submitted_at=0.0, queue_s=1.0, start_s=1.0, run_s=1.0).expiry(None) is None


def test_without_limits_nothing_expires() -> None:
    assert Deadlines(submitted_at=0.0).expiry(run(Phase.RUNNING)) is None


LIMIT = st.none() | st.floats(0, 1e6)
LIMITS = st.builds(Deadlines, st.just(0.0), queue_s=LIMIT, start_s=LIMIT, run_s=LIMIT, execution_at=LIMIT)


@given(LIMITS, st.sampled_from(Phase), st.floats(0, 1e7))
def test_passed_agrees_with_expiry_and_limits_survive_json(limits: Deadlines, phase: Phase, now: float) -> None:
    assert Deadlines(**json.loads(json.dumps(limits.to_json()))) == limits
    view = run(phase)
    expiry = limits.expiry(view)
    assert (limits.passed(view, now) is not None) == (not view.ended and expiry is not None and now >= expiry[0])
