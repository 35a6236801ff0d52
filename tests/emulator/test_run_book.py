"""Admission, queue and ends of many runs; the outcome must not depend on when somebody looks."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from airbrick.emulator.graph import TaskNode
from airbrick.emulator.ids import IdSource
from airbrick.emulator.plans import Plan
from airbrick.emulator.results import Result
from airbrick.emulator.run import JobVersion, Run, Surroundings
from airbrick.emulator.run_book import Order, RunBook, RunLimits
from airbrick.emulator.run_state import RANK, TERMINAL, Phase


def version(limit: int = 1, timeout_s: int = 0) -> JobVersion:
    job = {"name": "job", "max_concurrent_runs": limit, "timeout_seconds": timeout_s, "tasks": [{"task_key": "t"}]}
    return JobVersion(job, (TaskNode("t"),))


@dataclass
class Book:
    book: RunBook = field(default_factory=lambda: RunBook(Surroundings(IdSource()), lambda _: None))
    now_s: float = 0.0

    def submit(
        self, *, limit: int = 1, queued: bool = False, run_s: float = 10, timeout_s: int = 0, job_id: int = 1
    ) -> Run:
        self.book.advance(self.now_s)
        order = Order(
            job_id=job_id,
            version=version(limit, timeout_s),
            creator="me",
            plans=(Plan(setup_s=0, run_s=run_s, cancel_s=1),),
            queued=queued,
        )
        return self.book.submit(order, self.now_s)

    def at(self, now_s: float) -> None:
        self.now_s = now_s
        self.book.advance(now_s)

    def phase(self, run: Run) -> Phase:
        return run.state(self.now_s).phase


def test_a_run_over_the_limit_is_skipped_without_a_queue() -> None:
    book = Book()
    first, second = book.submit(), book.submit()
    assert book.phase(first) is Phase.RUNNING
    state = second.state(0)
    assert (state.phase, state.result) == (Phase.SKIPPED, Result.MAXIMUM_CONCURRENT_RUNS_REACHED)
    assert not book.book.is_active(second)


def test_a_queued_run_starts_at_the_moment_the_one_before_ended() -> None:
    book = Book()
    runs = [book.submit(queued=True) for _ in range(3)]
    assert [book.phase(run) for run in runs] == [Phase.RUNNING, Phase.QUEUED, Phase.QUEUED]
    book.at(25)
    assert [run.admitted_s for run in runs] == [0, 10, 20]
    assert [book.phase(run) for run in runs] == [Phase.TERMINATED, Phase.TERMINATED, Phase.RUNNING]


def test_a_limit_of_none_at_a_time_skips_even_with_a_queue() -> None:
    assert Book().submit(limit=0, queued=True).skip is not None


def test_a_cancelled_run_lets_the_next_one_in() -> None:
    book = Book()
    first, second = book.submit(queued=True), book.submit(queued=True)
    book.at(4)
    assert book.book.cancel(first, 4)
    assert book.phase(first) is Phase.TERMINATING
    book.at(6)
    assert second.admitted_s == 5


def test_a_run_cancelled_in_the_queue_never_starts() -> None:
    book = Book()
    book.submit(queued=True)
    second, third = book.submit(queued=True), book.submit(queued=True)
    assert book.book.cancel(second, 0)
    assert second.state(0).result is Result.CANCELED
    book.at(11)
    assert second.admitted_s is None
    assert third.admitted_s == 10


def test_cancelling_twice_or_too_late_does_nothing() -> None:
    book = Book()
    run = book.submit()
    assert book.book.cancel(run, 0)
    assert not book.book.cancel(run, 0)
    book.at(50)
    assert not book.book.cancel(run, 50)


def test_a_job_timeout_counts_from_the_admission() -> None:
    book = Book()
    first, second = book.submit(queued=True), book.submit(queued=True, run_s=100, timeout_s=20)
    book.at(1000)
    assert first.end_s == 10
    assert (second.end_s, second.state(1000).result) == (31, Result.TIMEDOUT)


def test_a_queue_has_limits_of_time_and_length() -> None:
    limits = RunLimits(queue_s=20, queue_size=2)
    book = Book(RunBook(Surroundings(IdSource()), lambda _: None, limits))
    book.submit(run_s=15, queued=True)
    long, late, beyond = (book.submit(run_s=100, queued=True) for _ in range(3))
    assert beyond.state(0).v2()["termination_details"]["code"] == "MAX_JOB_QUEUE_SIZE_EXCEEDED"
    book.at(19)
    assert [book.phase(run) for run in (long, late)] == [Phase.RUNNING, Phase.QUEUED]
    book.at(30)
    assert (book.phase(late), late.end_s) == (Phase.SKIPPED, 20)
    assert late.state(30).v2()["termination_details"]["code"] == "MAX_CONCURRENT_RUNS_EXCEEDED"
    assert not book.book.is_active(late)


def test_jobs_do_not_wait_for_each_other() -> None:
    book = Book()
    book.submit(job_id=1)
    assert book.phase(book.submit(job_id=2)) is Phase.RUNNING


def test_ids_are_unique_and_beyond_what_doubles_hold() -> None:
    source = IdSource()
    ids = [source.next() for _ in range(10_000)]
    assert len(set(ids)) == len(ids)
    assert all(2**53 < number < 2**63 and int(float(number)) != number for number in ids)
    assert [IdSource(big=False).next() for _ in range(2)] == [1, 1]


Step = tuple[str, float, int, bool]
steps = st.lists(
    st.tuples(
        st.sampled_from(["submit", "submit", "cancel", "wait"]),
        st.floats(0, 20).map(lambda value: round(value, 1)),
        st.integers(0, 3),
        st.booleans(),
    ),
    max_size=25,
)


def play(story: list[Step], looks: int) -> list[Run]:
    """Play a story, looking ``looks`` times between its steps."""
    book = Book()
    runs: list[Run] = []
    for action, seconds, number, flag in story:
        if action == "submit":
            runs.append(book.submit(limit=number, queued=flag, run_s=seconds))
        elif action == "cancel" and runs:
            book.book.cancel(runs[number % len(runs)], book.now_s)
        elif action == "wait":
            start_s = book.now_s
            for look in range(1, looks + 1):
                book.at(start_s + seconds * look / looks)
            book.at(start_s + seconds)
    book.at(book.now_s + 100_000)
    return runs


@given(steps)
@settings(max_examples=150, deadline=None)
def test_the_outcome_does_not_depend_on_when_somebody_looks(story: list[Step]) -> None:
    seldom, often = play(story, 1), play(story, 7)
    for one, other in zip(seldom, often, strict=True):
        assert (one.run_id, one.admitted_s, one.end_s, one.skip) == (
            other.run_id,
            other.admitted_s,
            other.end_s,
            other.skip,
        )


@given(steps)
@settings(max_examples=150, deadline=None)
def test_the_limit_holds_the_phases_go_forward_and_every_run_ends(story: list[Step]) -> None:
    book = Book()
    runs: list[Run] = []
    ranks: dict[int, int] = {}
    for action, seconds, number, flag in story:
        if action == "submit":
            runs.append(book.submit(limit=max(1, number), queued=flag, run_s=seconds))
        elif action == "cancel" and runs:
            book.book.cancel(runs[number % len(runs)], book.now_s)
        else:
            book.at(book.now_s + seconds)
        book.book.advance(book.now_s)
        busy = [run for run in runs if book.phase(run) in (Phase.PENDING, Phase.RUNNING, Phase.TERMINATING)]
        assert len(busy) <= max([1, *(run.version.settings["max_concurrent_runs"] for run in busy)])
        assert {run.run_id for run in runs if book.phase(run) not in TERMINAL} == {
            run.run_id for run in book.book.active()
        }
        for run in runs:
            rank = RANK[book.phase(run)]
            assert rank >= ranks.get(run.run_id, 0)
            ranks[run.run_id] = rank
    book.at(book.now_s + 100_000)
    assert all(book.phase(run) in TERMINAL for run in runs)
    assert not list(book.book.active())
