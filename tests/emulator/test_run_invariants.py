"""What holds for any jobs, plans, cancels and repairs: random stories, looked at often and seldom."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from airbrick.emulator.errors import ApiError
from airbrick.emulator.graph import RUN_IFS, task_nodes
from airbrick.emulator.ids import IdSource
from airbrick.emulator.plans import Plan
from airbrick.emulator.repair import RepairOrder, repaired
from airbrick.emulator.results import Result
from airbrick.emulator.run import JobVersion, Run, Surroundings
from airbrick.emulator.run_book import Order, RunBook
from airbrick.emulator.run_state import RANK, TERMINAL, State
from airbrick.emulator.run_view import RunView
from airbrick.emulator.timeline import NEVER, RunTimeline

EXAMPLES = 10_000 if os.environ.get("AIRBRICK_HYPOTHESIS") == "matrix" else 200
JOBS = 3
BAD = {Result.FAILED, Result.TIMEDOUT, Result.UPSTREAM_FAILED, Result.CANCELED, Result.UPSTREAM_CANCELED}
seconds = st.integers(0, 40).map(lambda value: value / 2)


class Action(NamedTuple):
    kind: str
    number: int
    seconds: float
    flag: bool


@dataclass(frozen=True)
class Story:
    jobs: tuple[dict[str, Any], ...]
    plans: tuple[Plan, ...]
    actions: tuple[Action, ...]


@st.composite
def kinds(draw: st.DrawFn, job: int, *, nested: bool = False) -> dict[str, Any]:
    chosen = draw(st.sampled_from(["notebook", "notebook", "condition", "run_job"] + ([] if nested else ["for_each"])))
    if chosen == "condition":
        operands = st.sampled_from(["1", "2", "x", "{{job.run_id}}", "{{tasks.t0.values.v}}"])
        op = draw(st.sampled_from(["EQUAL_TO", "LESS_THAN"]))
        return {"condition_task": {"op": op, "left": draw(operands), "right": draw(operands)}}
    if chosen == "run_job" and job > 0:
        return {"run_job_task": {"job_id": draw(st.integers(0, job - 1))}}
    if chosen == "for_each":
        inputs = draw(st.sampled_from(["[]", "[1]", "[1, 2, 3]", "{}", "{{tasks.t0.values.v}}"]))
        inner = {**draw(kinds(job, nested=True)), **draw(limits())}
        return {"for_each_task": {"inputs": inputs, "concurrency": draw(st.integers(1, 3)), "task": inner}}
    return {"notebook_task": {"notebook_path": "/n"}}


@st.composite
def limits(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "timeout_seconds": draw(st.sampled_from([0, 0, 0, 5, 30])),
        "max_retries": draw(st.sampled_from([0, 0, 1, 2])),
        "min_retry_interval_millis": draw(st.sampled_from([0, 2000])),
        "retry_on_timeout": draw(st.booleans()),
    }


@st.composite
def jobs(draw: st.DrawFn, job: int) -> dict[str, Any]:
    tasks: list[dict[str, Any]] = []
    for index in range(draw(st.integers(1, 4))):
        chosen = draw(st.lists(st.sampled_from(tasks), unique_by=id, max_size=2)) if tasks else []
        after = []
        for other in chosen:
            edge = {"task_key": other["task_key"]}
            if "condition_task" in other and draw(st.booleans()):
                edge["outcome"] = draw(st.sampled_from(["true", "false"]))
            after.append(edge)
        run_if = draw(st.sampled_from(RUN_IFS))
        made = {"task_key": f"t{index}", "depends_on": after, "run_if": run_if}
        work = draw(kinds(job))
        if loop := work.get("for_each_task"):
            loop["task"]["task_key"] = f"inner{index}"
        tasks.append({**made, **work, **draw(limits())})
    return {
        "name": f"job{job}",
        "tasks": tasks,
        "max_concurrent_runs": draw(st.integers(1, 3)),
        "timeout_seconds": draw(st.sampled_from([0, 0, 25])),
        "queue": {"enabled": draw(st.booleans())},
    }


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    return Plan(
        job=draw(st.sampled_from(["*", "job0", "job2"])),
        task=draw(st.sampled_from(["*", "t0", "t1", "inner*"])),
        attempt=draw(st.sampled_from([None, None, 0])),
        setup_s=draw(seconds),
        run_s=draw(seconds),
        cancel_s=draw(seconds),
        result=draw(st.sampled_from(["SUCCESS", "SUCCESS", "FAILED", "TIMEDOUT", "CANCELED"])),
        values={"v": draw(st.sampled_from([1, "2", [1, 2]]))},
        jitter=draw(st.sampled_from([0.0, 0.5])),
    )


@st.composite
def stories(draw: st.DrawFn) -> Story:
    actions = st.builds(
        Action,
        st.sampled_from(["run", "run", "wait", "wait", "cancel", "repair"]),
        st.integers(0, 9),
        seconds,
        st.booleans(),
    )
    return Story(
        tuple(draw(jobs(number)) for number in range(JOBS)),
        tuple(draw(st.lists(plans(), max_size=3))),
        tuple(draw(st.lists(actions, min_size=1, max_size=10))),
    )


@dataclass
class World:
    story: Story
    now_s: float = 0.0
    made: list[Run] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.versions = [JobVersion(job, task_nodes(job["tasks"])) for job in self.story.jobs]
        self.book = RunBook(Surroundings(IdSource()), lambda job_id: self.versions[job_id])

    def do(self, action: Action) -> None:
        self.book.advance(self.now_s)
        run = self.made[action.number % len(self.made)] if self.made else None
        if action.kind == "run":
            job_id = action.number % JOBS
            queued = bool(self.story.jobs[job_id]["queue"]["enabled"])
            order = Order(job_id, self.versions[job_id], "me", self.story.plans, queued=queued)
            self.made.append(self.book.submit(order, self.now_s))
        elif action.kind == "cancel" and run is not None:
            self.book.cancel(run, self.now_s)
        elif action.kind == "repair" and run is not None and not self.book.is_active(run):
            self.repair(run, action)
        self.book.advance(self.now_s)

    def repair(self, run: Run, action: Action) -> None:
        tasks = () if action.flag else (f"t{action.number % 3}",)
        order = RepairOrder(tasks, action.flag, action.number % 2 == 0, run.current.repair_id, self.story.plans)
        number = self.book.around.ids.next()
        try:
            turn = repaired(run, self.versions[run.job_id], order, number)
        except ApiError:
            return
        self.book.repair(run, turn, self.now_s, real=False)

    def wait(self, until_s: float) -> None:
        self.now_s = until_s
        self.book.advance(until_s)

    def all_runs(self) -> list[Run]:
        return list(self.book.oldest_first())


def play(story: Story, looks: int) -> Iterator[World]:
    """Play a story, and give the world after each action and at each look between."""
    world = World(story)
    for action in story.actions:
        if action.kind == "wait":
            start_s = world.now_s
            for look in range(1, looks + 1):
                world.wait(start_s + action.seconds * look / looks)
                yield world
        else:
            world.do(action)
            yield world
    world.wait(world.now_s + 1e6)
    yield world


def last(story: Story, looks: int) -> World:
    *_, world = play(story, looks)
    return world


@settings(max_examples=EXAMPLES, deadline=None)
@given(stories())
def test_the_outcome_does_not_depend_on_when_somebody_looks(story: Story) -> None:
    seldom, often = last(story, 1), last(story, 5)
    assert [outcome(run) for run in seldom.all_runs()] == [outcome(run) for run in often.all_runs()]


def outcome(run: Run) -> object:
    view = RunView(1e9)
    return view.page(run, 0, history=True)


@settings(max_examples=EXAMPLES, deadline=None)
@given(stories())
def test_states_go_forward_and_the_last_one_stays_until_a_repair(story: Story) -> None:
    seen: dict[int, tuple[int, State]] = {}
    for world in play(story, 3):
        for run in world.all_runs():
            state, rounds = run.state(world.now_s), len(run.rounds)
            before_rounds, before = seen.get(run.run_id, (rounds, state))
            if rounds == before_rounds:
                assert RANK[state.phase] >= RANK[before.phase]
                assert before.phase not in TERMINAL or state == before
            seen[run.run_id] = (rounds, state)
            assert (state.phase not in TERMINAL) == world.book.is_active(run)
    assert all(state.phase in TERMINAL for _, state in seen.values())


@settings(max_examples=EXAMPLES, deadline=None)
@given(stories())
def test_counts_times_and_ids_add_up(story: Story) -> None:
    numbers: set[int] = set()
    for world in play(story, 1):
        check_limits(world)
    for run in world.all_runs():
        timeline = run.timeline
        if timeline is None:
            continue
        check_times(run, timeline)
        for key, _ in [*run.attempts(), *((key, None) for key in run_keys(run))]:
            number = run.task_run_id(key)
            assert world.book.task_run(number) == (run, key)
            numbers.add(number)
        assert world.book.get(run.run_id) is run
        assert run.run_id not in numbers
        check_verdicts(run, timeline)


def check_limits(world: World) -> None:
    for job_id, job in enumerate(story_jobs(world)):
        admitted = [run for run in world.book.active() if run.job_id == job_id and run.current.start_s is not None]
        again = sum(len(run.rounds) - 1 for run in world.all_runs() if run.job_id == job_id)
        assert len(admitted) <= job["max_concurrent_runs"] + again


def story_jobs(world: World) -> Sequence[dict[str, Any]]:
    return world.story.jobs


def run_keys(run: Run) -> Iterator[Any]:
    for view in RunView(1e9).task_views(run):
        yield view.key
        for iteration in view.all_iterations():
            yield iteration.key


def check_times(run: Run, timeline: RunTimeline) -> None:
    assert run.created_s <= (run.admitted_s or 0) <= timeline.start_s <= timeline.end_s < NEVER
    for key, life in timeline.tasks.items():
        assert life.end_s <= timeline.end_s
        if key in run.current.kept:
            assert life.end_s <= timeline.start_s
            continue
        last_s = timeline.start_s
        for attempt in life.attempts:
            assert last_s <= attempt.start_s <= attempt.end_s
            last_s = attempt.end_s
            for inner in attempt.iterations:
                assert inner.end_s <= attempt.end_s
                assert all(attempt.start_s <= one.start_s <= one.end_s for one in inner.attempts)
    shown = RunView(1e9).page(run, 0)
    assert shown["run_duration"] == shown["end_time"] - shown["start_time"]
    for task in shown["tasks"]:
        stats = task.get("for_each_task", {}).get("stats", {}).get("task_run_stats")
        if stats:
            assert stats["completed_iterations"] == stats["total_iterations"]
            assert stats["succeeded_iterations"] + stats["failed_iterations"] == stats["completed_iterations"]
            assert stats["active_iterations"] == 0


def check_verdicts(run: Run, timeline: RunTimeline) -> None:
    """Check by the words of the documentation whether each task had to start."""
    stopped = timeline.stopping_s < NEVER
    for node in run.version.nodes:
        life = timeline.tasks[node.task_key]
        if node.task_key in run.current.kept or (stopped and life.result is Result.CANCELED):
            continue
        before = [timeline.tasks[edge.task_key] for edge in node.depends_on]
        branch = all(
            edge.outcome is None or timeline.tasks[edge.task_key].outcome in (None, edge.outcome)
            for edge in node.depends_on
        )
        assert bool(life.attempts) == (has_to_start(node.run_if, [one.result for one in before]) and branch)


def has_to_start(run_if: str, results: list[Result]) -> bool:
    if results and all(result is Result.EXCLUDED for result in results):
        return False
    bad = [result in BAD for result in results]
    return {
        "ALL_SUCCESS": not any(bad),
        "NONE_FAILED": not any(bad),
        "ALL_DONE": True,
        "AT_LEAST_ONE_SUCCESS": not bad or not all(bad),
        "ALL_FAILED": all(bad),
        "AT_LEAST_ONE_FAILED": not bad or any(bad),
    }[run_if]
