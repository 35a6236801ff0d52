from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airbrick.emulator.errors import ApiError
from airbrick.emulator.graph import RUN_IFS, Dependency, TaskNode, select, task_nodes
from airbrick.emulator.results import Result, verdict
from airbrick.emulator.run_state import RANK, TERMINAL, attempt_state, run_state, verdict_state
from airbrick.emulator.timeline import (
    MAX_ATTEMPTS,
    NEVER,
    Attempt,
    Behaviour,
    RunTimeline,
    Stop,
    Turn,
    run_timeline,
)

S, F, C, E, D = Result.SUCCESS, Result.FAILED, Result.CANCELED, Result.EXCLUDED, Result.DISABLED
UF, UC, T = Result.UPSTREAM_FAILED, Result.UPSTREAM_CANCELED, Result.TIMEDOUT


def lasting(setup_s: float, run_s: float, result: Result = S) -> Behaviour:
    def behave(turn: Turn) -> Attempt:
        return Attempt(turn.number, turn.start_s, turn.start_s + setup_s, turn.start_s + setup_s + run_s, result)

    return behave


def chain(*keys: str, **values: Any) -> tuple[TaskNode, ...]:
    nodes = []
    for index, key in enumerate(keys):
        nodes.append(TaskNode(key, (Dependency(keys[index - 1]),) if index else (), **values))
    return tuple(nodes)


@pytest.mark.parametrize(
    ("run_if", "upstream", "expected"),
    [
        ("ALL_SUCCESS", [S, S], None),
        ("ALL_SUCCESS", [S, F], UF),
        ("ALL_SUCCESS", [S, UF], UF),
        ("ALL_SUCCESS", [S, T], UF),
        ("ALL_SUCCESS", [S, C], UC),
        ("ALL_SUCCESS", [F, C], UF),
        ("ALL_SUCCESS", [S, E], None),
        ("ALL_DONE", [F, C], None),
        ("NONE_FAILED", [S, E], None),
        ("NONE_FAILED", [S, F], UF),
        ("AT_LEAST_ONE_SUCCESS", [S, F], None),
        ("AT_LEAST_ONE_SUCCESS", [F, F], UF),
        ("ALL_FAILED", [F, F], None),
        ("ALL_FAILED", [S, F], E),
        ("AT_LEAST_ONE_FAILED", [S, F], None),
        ("AT_LEAST_ONE_FAILED", [S, S], E),
        *[(run_if, [E, E], E) for run_if in RUN_IFS],
        *[(run_if, [], None) for run_if in RUN_IFS],
        *[(run_if, [D], None) for run_if in RUN_IFS],
    ],
)
def test_run_if_decides_from_how_the_upstream_ended(
    run_if: str, upstream: list[Result], expected: Result | None
) -> None:
    assert verdict(run_if, upstream) is expected


def test_a_task_starts_when_the_last_of_its_upstream_ended() -> None:
    nodes = (TaskNode("a"), TaskNode("b"), TaskNode("c", (Dependency("a"), Dependency("b"))))

    def behave(turn: Turn) -> Attempt:
        run_s = {"a": 5, "b": 9, "c": 1}[turn.node.task_key]
        return Attempt(turn.number, turn.start_s, turn.start_s, turn.start_s + run_s, S)

    timeline = run_timeline(nodes, behave, start_s=100)
    assert timeline.tasks["c"].attempts[0].start_s == 109
    assert timeline.end_s == 110


def test_a_failed_task_skips_the_tasks_after_it_and_fails_the_run() -> None:
    timeline = run_timeline(chain("a", "b", "c"), lasting(1, 1, F), start_s=0)
    assert [task.result for task in timeline.tasks.values()] == [F, UF, UF]
    assert timeline.result is F
    assert timeline.end_s == 2


def test_a_failure_that_a_leaf_handles_is_a_success_with_failures() -> None:
    nodes = (TaskNode("a"), TaskNode("b", (Dependency("a"),), run_if="ALL_DONE"))

    def behave(turn: Turn) -> Attempt:
        return Attempt(turn.number, turn.start_s, turn.start_s, turn.start_s, F if turn.node.task_key == "a" else S)

    assert run_timeline(nodes, behave, start_s=0).result is Result.SUCCESS_WITH_FAILURES


def test_a_cancel_ends_running_tasks_after_their_lag_and_never_starts_the_others() -> None:
    def behave(turn: Turn) -> Attempt:
        return Attempt(turn.number, turn.start_s, turn.start_s + 1, turn.start_s + 10, S, stop_lag_s=2)

    timeline = run_timeline(chain("a", "b"), behave, start_s=0, stop=Stop(5, C))
    assert [task.result for task in timeline.tasks.values()] == [C, C]
    assert timeline.tasks["b"].attempts == ()
    assert (timeline.stopping_s, timeline.end_s, timeline.result) == (5, 7, C)


def test_a_cancel_after_the_end_changes_nothing() -> None:
    before = run_timeline(chain("a"), lasting(1, 1), start_s=0)
    assert run_timeline(chain("a"), lasting(1, 1), start_s=0, stop=Stop(2, C)) == before


def test_a_task_timeout_cuts_each_attempt() -> None:
    timeline = run_timeline(chain("a", timeout_s=3.0), lasting(1, 10), start_s=0)
    assert (timeline.tasks["a"].result, timeline.end_s, timeline.result) == (T, 3, F)


def test_failures_are_retried_after_the_interval() -> None:
    def behave(turn: Turn) -> Attempt:
        return Attempt(turn.number, turn.start_s, turn.start_s, turn.start_s + 1, S if turn.number == 2 else F)

    nodes = chain("a", max_retries=3, retry_interval_s=10.0)
    timeline = run_timeline(nodes, behave, start_s=0)
    assert [attempt.start_s for attempt in timeline.tasks["a"].attempts] == [0, 11, 22]
    assert timeline.result is S


@pytest.mark.parametrize(("retry_on_timeout", "attempts"), [(False, 1), (True, 3)])
def test_timeouts_are_retried_only_when_asked(*, retry_on_timeout: bool, attempts: int) -> None:
    nodes = chain("a", max_retries=2, timeout_s=1.0, retry_on_timeout=retry_on_timeout)
    assert len(run_timeline(nodes, lasting(0, 5), start_s=0).tasks["a"].attempts) == attempts


def test_endless_retries_of_a_task_that_always_fails_come_to_an_end() -> None:
    timeline = run_timeline(chain("a", max_retries=-1), lasting(0, 0, F), start_s=0)
    assert len(timeline.tasks["a"].attempts) == MAX_ATTEMPTS


def test_a_branch_that_was_not_taken_is_excluded() -> None:
    nodes = (TaskNode("if"), TaskNode("yes", (Dependency("if", "true"),)), TaskNode("no", (Dependency("if", "false"),)))

    def behave(turn: Turn) -> Attempt:
        outcome = "true" if turn.node.task_key == "if" else None
        return Attempt(turn.number, turn.start_s, turn.start_s, turn.start_s, S, outcome=outcome)

    timeline = run_timeline(nodes, behave, start_s=0)
    assert [task.result for task in timeline.tasks.values()] == [S, S, E]


def test_tasks_that_are_not_selected_are_disabled_and_hold_up_nothing() -> None:
    timeline = run_timeline(chain("a", "b", "c"), lasting(1, 1), start_s=0, only=frozenset("b"))
    assert [task.result for task in timeline.tasks.values()] == [D, S, D]
    assert timeline.tasks["b"].attempts[0].start_s == 0


@pytest.mark.parametrize(
    ("wanted", "chosen"), [(["b"], "b"), (["+b"], "ab"), (["b+"], "bc"), (["+b+"], "abc"), (["a", "c"], "ac")]
)
def test_only_selects_upstream_and_downstream(wanted: list[str], chosen: str) -> None:
    assert select(chain("a", "b", "c"), wanted) == frozenset(chosen)


def test_only_refuses_an_unknown_task() -> None:
    with pytest.raises(ApiError, match="no task 'x'"):
        select(chain("a"), ["+x"])


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ([{"task_key": "a"}, {"task_key": "a"}], "Duplicate task key"),
        ([{"task_key": "a", "for_each_task": {"inputs": "[]", "task": {"task_key": "a"}}}], "Duplicate task key"),
        ([{"task_key": "a", "depends_on": [{"task_key": "b"}]}], "depends on task 'b'"),
        ([{"task_key": "a", "depends_on": [{"task_key": "a"}]}], "cycle through: a"),
        (
            [
                {"task_key": "a", "depends_on": [{"task_key": "b"}]},
                {"task_key": "b", "depends_on": [{"task_key": "a"}]},
            ],
            "cycle through: a, b",
        ),
    ],
)
def test_a_graph_that_cannot_run_is_refused(tasks: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ApiError, match=message):
        task_nodes(tasks)


durations = st.floats(0, 50, allow_nan=False).map(lambda value: round(value, 2))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[TaskNode, ...]:
    nodes: list[TaskNode] = []
    for index in range(draw(st.integers(1, 7))):
        upstream = draw(st.lists(st.sampled_from(nodes), unique=True, max_size=3)) if nodes else []
        nodes.append(
            TaskNode(
                f"t{index}",
                tuple(Dependency(node.task_key) for node in upstream),
                run_if=draw(st.sampled_from(RUN_IFS)),
                timeout_s=draw(st.sampled_from([0.0, 0.0, 5.0, 30.0])),
                max_retries=draw(st.integers(-1, 2)),
                retry_interval_s=draw(st.sampled_from([0.0, 3.0])),
                retry_on_timeout=draw(st.booleans()),
            )
        )
    return tuple(nodes)


Lives = dict[tuple[str, int], tuple[float, float, float, Result]]


@st.composite
def lives(draw: st.DrawFn, nodes: tuple[TaskNode, ...]) -> Behaviour:
    known: Lives = {
        (node.task_key, number): (
            draw(durations),
            draw(durations),
            draw(durations),
            draw(st.sampled_from([S, S, F, T, C])),
        )
        for node in nodes
        for number in range(3)
    }

    def behave(turn: Turn) -> Attempt:
        setup_s, run_s, lag_s, result = known[turn.node.task_key, min(turn.number, 2)]
        return Attempt(
            turn.number, turn.start_s, turn.start_s + setup_s, turn.start_s + setup_s + run_s, result, stop_lag_s=lag_s
        )

    return behave


@st.composite
def stories(draw: st.DrawFn) -> tuple[tuple[TaskNode, ...], Behaviour, Stop | None, frozenset[str] | None]:
    nodes = draw(graphs())
    stop = draw(st.none() | st.builds(Stop, durations, st.sampled_from([C, T])))
    keys = [node.task_key for node in nodes]
    only = draw(st.none() | st.frozensets(st.sampled_from(keys), min_size=1))
    return nodes, draw(lives(nodes)), stop, only


def some(attempts: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
    """Return the first attempts and the last: endless retries make a hundred that are alike."""
    return attempts[:3] + attempts[3:][-1:]


def moments(timeline: RunTimeline) -> list[float]:
    marks = {timeline.start_s, timeline.running_s, timeline.stopping_s, timeline.end_s, 0.0, 1e6}
    for task in timeline.tasks.values():
        marks.add(task.end_s)
        for attempt in some(task.attempts):
            marks |= {attempt.start_s, attempt.running_s, attempt.stopping_s, attempt.end_s}
    finite = {mark for mark in marks if mark != NEVER}
    return sorted(finite | {math.nextafter(mark, -1) for mark in finite} | {mark + 0.001 for mark in finite})


@settings(deadline=None)
@given(stories())
def test_states_only_go_forward_and_terminal_states_stay(
    story: tuple[tuple[TaskNode, ...], Behaviour, Stop | None, frozenset[str] | None],
) -> None:
    nodes, behave, stop, only = story
    timeline = run_timeline(nodes, behave, start_s=0, stop=stop, only=only)
    times = moments(timeline)
    states = [run_state(timeline, now) for now in times]
    ranks = [RANK[state.phase] for state in states]
    assert ranks == sorted(ranks)
    ended = [state for state in states if state.phase in TERMINAL]
    assert ended
    assert all(state == ended[0] for state in ended)
    for task in timeline.tasks.values():
        for attempt in some(task.attempts):
            ranks = [RANK[attempt_state(attempt, 0, now).phase] for now in times]
            assert ranks == sorted(ranks)
        if not task.attempts:
            ranks = [RANK[verdict_state(task, now).phase] for now in times]
            assert ranks == sorted(ranks)


@settings(deadline=None)
@given(stories())
def test_times_are_in_order_and_add_up(
    story: tuple[tuple[TaskNode, ...], Behaviour, Stop | None, frozenset[str] | None],
) -> None:
    nodes, behave, stop, only = story
    timeline = run_timeline(nodes, behave, start_s=0, stop=stop, only=only)
    assert set(timeline.tasks) == {node.task_key for node in nodes}
    for node in nodes:
        task = timeline.tasks[node.task_key]
        assert 0 <= task.end_s <= timeline.end_s
        last_s = 0.0
        for number, attempt in enumerate(task.attempts):
            assert attempt.number == number
            assert last_s <= attempt.start_s <= attempt.end_s
            last_s = attempt.end_s
        if task.attempts and only is None:
            upstream = [timeline.tasks[dependency.task_key] for dependency in node.depends_on]
            assert all(before.end_s <= task.attempts[0].start_s for before in upstream)
            assert verdict(node.run_if, [before.result for before in upstream]) is None
    if timeline.result is S:
        assert all(task.result in (S, E, D) for task in timeline.tasks.values())


@settings(deadline=None)
@given(stories())
def test_a_stop_does_not_change_the_past(
    story: tuple[tuple[TaskNode, ...], Behaviour, Stop | None, frozenset[str] | None],
) -> None:
    nodes, behave, stop, only = story
    plain = run_timeline(nodes, behave, start_s=0, only=only)
    stopped = run_timeline(nodes, behave, start_s=0, only=only, stop=stop)
    for now in moments(plain):
        if stop is None or now < stop.at_s:
            assert run_state(plain, now) == run_state(stopped, now)


@settings(deadline=None)
@given(stories())
def test_every_stopped_run_ends_and_says_how(
    story: tuple[tuple[TaskNode, ...], Behaviour, Stop | None, frozenset[str] | None],
) -> None:
    nodes, behave, stop, only = story
    timeline = run_timeline(nodes, behave, start_s=0, stop=stop, only=only)
    assert timeline.end_s < NEVER
    if stop is not None and timeline.stopping_s != NEVER:
        assert timeline.stopping_s == stop.at_s
        assert timeline.result is stop.result
        assert timeline.end_s >= stop.at_s
