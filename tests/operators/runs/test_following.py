import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.runs.following import LISTED_WITHIN_S, Following, summary
from airbrick.operators.runs.view import Phase, RunView
from airbrick.operators.workspace.wire import LIST_LIMIT

# When a run starts, how long it goes on, and how long after its start the workspace lists it.
TIMELINES = st.lists(
    st.tuples(st.floats(0, 1000), st.floats(0, 500), st.floats(0, LISTED_WITHIN_S - 1)), min_size=1, max_size=12
)


def seen_at(timeline: list[tuple[float, float, float]], now: float, since_s: float) -> list[RunView]:
    runs = []
    for number, (start, length, hidden) in enumerate(timeline, 2**60):
        if start + hidden > now or start < since_s:
            continue
        ended = start + length <= now
        phase = Phase.ENDED if ended else Phase.RUNNING
        run = RunView(number, 1, phase, phase.upper(), started_at=start, ended_at=start + length if ended else 0.0)
        runs.append(run)
    return runs


@given(TIMELINES, st.lists(st.floats(1, 300), max_size=20), st.booleans())
def test_each_end_is_told_once_however_rarely_one_looks(
    timeline: list[tuple[float, float, float]], waits: list[float], restarted: bool
) -> None:
    following, now, told = Following(0.0), 0.0, []
    for wait in [*waits, 5000.0, 10.0]:
        now += wait
        told += [run.run_id for run in following.take(seen_at(timeline, now, following.since_s))]
        if restarted:
            stored = Following.from_json(json.loads(json.dumps(following.to_json())))
            assert stored == following
            following = stored
    assert sorted(told) == [2**60 + number for number in range(len(timeline))]


def test_a_run_that_is_repaired_is_told_again_at_its_new_end_even_after_newer_runs() -> None:
    failed = RunView(1, 1, Phase.ENDED, "TERMINATED", "FAILED", started_at=1000.0, ended_at=1100.0)
    newer = [replace(failed, run_id=2 + day, started_at=day * 9e4, ended_at=day * 9e4 + 9.0) for day in range(1, 9)]
    repaired = replace(failed, result="SUCCESS", ended_at=2e6)
    following = Following(0.0)
    told = []
    for listed in ([failed], [failed, *newer], [repaired, *newer], [failed, *newer], [repaired, *newer]):
        told += [run for run in following.take(listed) if run.run_id == 1]
        stored = Following.from_json(json.loads(json.dumps(following.to_json())))
        assert stored == following
    # Of the list that lags behind nothing is taken.
    assert told == [failed, repaired]


def test_what_is_remembered_does_not_grow() -> None:
    following = Following(0.0)
    for start in range(0, 100_000, 100):
        following.take([RunView(start, 1, Phase.ENDED, "TERMINATED", started_at=float(start), ended_at=start + 1.0)])
    assert len(following.told) <= LIST_LIMIT


def test_ends_are_told_in_their_order() -> None:
    first = RunView(1, 1, Phase.ENDED, "TERMINATED", "SUCCESS", started_at=5.0, ended_at=9.0)
    second = replace(first, run_id=2, started_at=1.0, ended_at=10.0)
    assert [run.run_id for run in Following(0.0).take([second, first])] == [1, 2]


def test_what_another_version_wrote_counts_as_nothing() -> None:
    values: tuple[Any, ...] = (None, [], {}, {"since_s": "x", "told": []}, {"since_s": 1.0, "told": [[1, 1.0]]})
    for value in values:
        assert Following.from_json(value) is None


def test_a_summary_is_json() -> None:
    run = RunView(2**60, 1, Phase.ENDED, "TERMINATED", "SUCCESS", "SUCCESS", url="https://w/r")
    assert json.loads(json.dumps(summary(run)))["run_id"] == 2**60
