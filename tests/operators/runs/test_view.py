import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.runs.view import Phase, read_run

BIG = 2**53 + 1


def run(
    v1: dict[str, object] | None = None, v2: dict[str, object] | None = None, **fields: object
) -> dict[str, object]:
    return {
        "run_id": BIG,
        "job_id": BIG + 2,
        **({"state": v1} if v1 else {}),
        **({"status": v2} if v2 else {}),
        **fields,
    }


@pytest.mark.parametrize(
    ("life_cycle", "phase"),
    [
        ("QUEUED", Phase.QUEUED),
        ("BLOCKED", Phase.PENDING),
        ("PENDING", Phase.PENDING),
        ("RUNNING", Phase.RUNNING),
        ("WAITING", Phase.RUNNING),
        ("WAITING_FOR_RETRY", Phase.RUNNING),
        ("TERMINATING", Phase.TERMINATING),
        ("TERMINATED", Phase.ENDED),
        ("SKIPPED", Phase.ENDED),
        ("INTERNAL_ERROR", Phase.ENDED),
    ],
)
def test_every_known_state_has_a_phase_in_both_versions(life_cycle: str, phase: Phase) -> None:
    assert read_run(run({"life_cycle_state": life_cycle})).phase is phase
    assert read_run(run(v2={"state": life_cycle})).phase is phase


def test_an_unknown_state_counts_as_running() -> None:
    view = read_run(run({"life_cycle_state": "HIBERNATING"}))
    assert (view.phase, view.state) == (Phase.RUNNING, "HIBERNATING")


def test_an_unknown_state_with_a_result_has_ended() -> None:
    assert read_run(run({"life_cycle_state": "VANISHED", "result_state": "FAILED"})).ended
    assert read_run(run(v2={"state": "VANISHED", "termination_details": {"code": "DRIVER_ERROR"}})).ended


def test_a_run_without_any_state_counts_as_running() -> None:
    assert read_run(run()).phase is Phase.RUNNING


def test_v1_and_v2_together_end_a_run_when_either_says_so() -> None:
    assert read_run(run({"life_cycle_state": "INTERNAL_ERROR"}, {"state": "RUNNING"})).ended


def test_big_ids_and_milliseconds_are_read_exactly() -> None:
    view = read_run(run({"life_cycle_state": "RUNNING"}, start_time=1_700_000_000_123, queue_duration=2500))
    assert (view.run_id, view.job_id) == (BIG, BIG + 2)
    assert view.started_at == pytest.approx(1_700_000_000.123)
    assert view.queue_s == 2.5


def test_the_message_of_the_termination_goes_before_the_old_one() -> None:
    body = run(
        {"life_cycle_state": "TERMINATED", "state_message": "old"},
        {"state": "TERMINATED", "termination_details": {"code": "X", "type": "Y", "message": "new"}},
    )
    view = read_run(body)
    assert (view.code, view.kind, view.message) == ("X", "Y", "new")


def test_tasks_that_never_started_have_no_run_and_are_left_out() -> None:
    body = run({"life_cycle_state": "RUNNING"}, tasks=[{"task_key": "a"}, {"task_key": "b", "run_id": 5}])
    assert [task.task_key for task in read_run(body).tasks] == ["b"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
NAMES = st.sampled_from(["QUEUED", "RUNNING", "TERMINATED", "NEW", "", 7, None])


@given(
    v1=st.fixed_dictionaries({}, optional={"life_cycle_state": NAMES, "result_state": NAMES, "state_message": JSON})
    | JSON,
    v2=st.fixed_dictionaries({}, optional={"state": NAMES, "termination_details": JSON, "queue_details": JSON}) | JSON,
    url=JSON,
    start=JSON,
)
def test_no_shape_of_a_run_breaks_the_reader(v1: object, v2: object, url: object, start: object) -> None:
    view = read_run({"run_id": 1, "state": v1, "status": v2, "run_page_url": url, "start_time": start})
    assert isinstance(view.phase, Phase)
    assert isinstance(view.url, str)
