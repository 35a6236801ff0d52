from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.poller.history import RUNS_MIN, TTL_S, Histories, Span, usual_span
from airbrick.operators.runs.view import Phase, RunView


def run(length_s: float, *, result: str = "SUCCESS", phase: Phase = Phase.ENDED) -> RunView:
    return RunView(1, 7, phase, "TERMINATED", result, result, started_at=1000.0, ended_at=1000.0 + length_s)


@given(st.lists(st.floats(1, 1e5), min_size=RUNS_MIN, max_size=25))
def test_a_span_lies_within_what_was_seen(lengths: list[float]) -> None:
    span = usual_span(run(length) for length in lengths)
    assert span is not None
    assert min(lengths) - 1e-6 <= span.early_s <= span.late_s <= max(lengths) + 1e-6


def test_a_few_runs_say_nothing_and_failures_do_not_count() -> None:
    assert usual_span([run(60.0)] * (RUNS_MIN - 1)) is None
    assert usual_span([run(60.0)] * (RUNS_MIN - 1) + [run(1.0, result="FAILED")]) is None
    assert usual_span([run(60.0, phase=Phase.RUNNING)] * RUNS_MIN) is None


def test_a_history_is_asked_for_once_an_hour_and_goes_with_the_last_run() -> None:
    histories = Histories()
    assert histories.missing([0, 7], 0.0) == 7
    histories.put(7, None, 0.0)
    assert histories.missing([7], TTL_S) is None
    assert histories.missing([7], TTL_S + 1) == 7
    histories.put(7, Span(1.0, 2.0), 0.0)
    assert histories.span(7) == Span(1.0, 2.0)
    histories.keep_only([8])
    assert histories.span(7) is None
