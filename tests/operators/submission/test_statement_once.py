"""Statements of a worker that may die at any step, against a workspace in memory."""

import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.operators.submission.simulated import Died, Fuse, SimulatedStore

from airbrick.operators.errors import ApiError, StatementError, StatementLostError
from airbrick.operators.runs.statement import StatementView
from airbrick.operators.submission.decide import Step
from airbrick.operators.submission.statement_once import StatementOnce, judge_statement
from airbrick.operators.submission.statement_record import StatementRecord, StatementStore
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.clock import Clock

LOG = logging.getLogger(__name__)
NEW = StatementRecord("https://w", None, max_tries=2, try_number=2, clear_number=0)
FIRST = replace(NEW, statement_id="s1", try_number=1)
STATES = ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED", "CLOSED", "NEW"]


@dataclass
class Warehouse:
    """Executes statements; a cancelled one ends when it is looked at next.

    :param ends: when the statement that runs ends, in seconds, and how.
    """

    fuse: Fuse = field(default_factory=Fuse)
    states: dict[str, str] = field(default_factory=dict)
    cancels: bool = True
    ends: tuple[float, str] | None = None
    time_s: float = 0.0

    def call_once(self, call: wire.Call) -> dict[str, Any]:
        self.fuse.burn()
        assert call == wire.execute_statement({"statement": "select 1"})
        statement_id = f"s{len(self.states) + 1}"
        self.states[statement_id] = "RUNNING"
        self.fuse.burn()
        return self._shown(statement_id)

    def call(self, call: wire.Call) -> dict[str, Any]:
        self.fuse.burn()
        parts = call.path.split("/")
        if parts[-1] == "cancel":
            if self.cancels and self.states[parts[-2]] in {"PENDING", "RUNNING"}:
                self.states[parts[-2]] = "CANCELED"
            return {}
        if parts[-1] not in self.states:
            raise ApiError(str(call), status=404, error_code="NOT_FOUND", message="The statement was not found.")
        return self._shown(parts[-1])

    def clock(self) -> Clock:
        def sleep(seconds: float) -> None:
            self.time_s += seconds

        return Clock(now=lambda: self.time_s, monotonic=lambda: self.time_s, sleep=sleep, unit=lambda: 0.5)

    def _shown(self, statement_id: str) -> dict[str, Any]:
        if self.ends is not None and self.time_s >= self.ends[0]:
            (_, self.states[statement_id]), self.ends = self.ends, None
        return {"statement_id": statement_id, "status": {"state": self.states[statement_id]}}


@dataclass
class Worker:
    """Attempts of one task instance."""

    warehouse: Warehouse = field(default_factory=Warehouse)
    values: dict[str, Any] = field(default_factory=dict)
    known: list[str] = field(default_factory=list)

    def attempt(self, new: StatementRecord, *, dies_after: int | None = None) -> StatementView:
        self.warehouse.fuse.steps = dies_after
        store = StatementStore(SimulatedStore(self.warehouse.fuse, self.values))
        once = StatementOnce(
            self.warehouse,
            store,
            {"statement": "select 1"},
            new,
            clock=self.warehouse.clock(),
            log=LOG,
            check=lambda: None,
            on_known=self.known.append,
            on_stored=lambda _: None,
        )
        return once.obtain()


def begun(state: str = "RUNNING", **changes: Any) -> Worker:
    """Give a task whose first attempt sent a statement."""
    worker = Worker()
    worker.attempt(replace(NEW, try_number=1))
    worker.warehouse.states["s1"] = state
    (key,) = worker.values
    worker.values[key] |= changes
    return worker


def sent(worker: Worker) -> int:
    return len(worker.warehouse.states)


# Each write and each request burns before and after its effect: intent, request, answer.
BETWEEN_REQUEST_AND_RECORD = {3, 4}


def test_only_an_answer_that_never_came_leaves_a_statement_that_a_kill_cannot_cancel() -> None:
    unknown = []
    for dies_after in range(8):
        worker = Worker()
        with suppress(Died):
            worker.attempt(NEW, dies_after=dies_after)
        if sent(worker) and not worker.known:
            unknown.append(dies_after)
    assert len(unknown) == 1


@given(dies_after=st.integers(0, 8))
def test_a_crash_sends_a_statement_twice_only_between_the_request_and_its_record(dies_after: int) -> None:
    worker = Worker()
    try:
        worker.attempt(replace(NEW, try_number=1), dies_after=dies_after)
    except Died:
        pass
    else:
        assert dies_after >= 6
    found = worker.attempt(NEW)
    assert found.statement_id == worker.known[-1]
    assert sent(worker) == (2 if dies_after in BETWEEN_REQUEST_AND_RECORD else 1)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["RUNNING", "SUCCEEDED"])), max_size=8))
def test_attempts_that_die_after_it_was_recorded_all_find_the_same_statement(crashes: list[tuple[int, str]]) -> None:
    worker = begun()
    for number, (dies_after, state) in enumerate(crashes, start=2):
        if worker.warehouse.states["s1"] == "RUNNING":
            worker.warehouse.states["s1"] = state
        try:
            found = worker.attempt(replace(NEW, try_number=number), dies_after=dies_after)
        except Died:
            continue
        assert found.statement_id == "s1"
    assert worker.attempt(replace(NEW, try_number=99)).statement_id == "s1"
    assert sent(worker) == 1


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("cleared", [False, True])
def test_what_a_stored_statement_is_to_the_next_attempt(state: str, cleared: bool) -> None:
    worker = begun(state)
    found = worker.attempt(replace(NEW, max_tries=5, clear_number=1) if cleared else NEW)
    takes_it = not cleared and state in {"PENDING", "RUNNING", "SUCCEEDED", "CLOSED"}
    assert found.statement_id == ("s1" if takes_it else "s2")
    assert sent(worker) == (1 if takes_it else 2)


def test_one_that_goes_on_after_a_clear_is_ended_before_the_next_is_sent() -> None:
    worker = begun()
    worker.attempt(replace(NEW, max_tries=5, clear_number=1))
    assert worker.warehouse.states == {"s1": "CANCELED", "s2": "RUNNING"}


def test_one_that_does_not_end_keeps_the_next_from_being_sent() -> None:
    worker = begun()
    worker.warehouse.cancels = False
    with pytest.raises(StatementError, match="s1 was cancelled but is still ending after 300 s"):
        worker.attempt(replace(NEW, max_tries=5))
    assert sent(worker) == 1


def test_one_that_goes_on_while_another_task_was_cleared_is_watched_on() -> None:
    assert begun().attempt(replace(NEW, clear_number=1)).statement_id == "s1"


def test_one_that_its_worker_cancelled_for_a_clear_is_not_taken_over_while_the_cancel_does_not_show_yet() -> None:
    worker = begun()
    worker.warehouse.ends = (4.0, "CANCELED")
    # A clear of a task that runs keeps `max_tries`.
    assert worker.attempt(replace(NEW, clear_number=1)).statement_id == "s2"
    assert worker.warehouse.states == {"s1": "CANCELED", "s2": "RUNNING"}
    # A person may end the task while it waits.
    assert worker.known == ["s1", "s1", "s2"]


def test_one_that_succeeds_while_a_cancel_might_show_is_not_executed_again() -> None:
    worker = begun()
    worker.warehouse.ends = (2.0, "SUCCEEDED")
    assert worker.attempt(replace(NEW, clear_number=1)).statement_id == "s1"
    assert sent(worker) == 1


def test_one_that_no_clear_lies_before_is_taken_over_at_once() -> None:
    worker = begun()
    assert worker.attempt(NEW).statement_id == "s1"
    assert worker.warehouse.time_s == 0.0


def test_one_that_passed_its_deadline_is_ended_and_the_next_is_sent() -> None:
    worker = begun(settled=True)
    assert worker.attempt(NEW).statement_id == "s2"
    assert worker.warehouse.states["s1"] == "CANCELED"


def test_one_that_succeeded_before_the_cancel_of_its_deadline_is_reported() -> None:
    assert begun("SUCCEEDED", settled=True).attempt(NEW).statement_id == "s1"


def test_one_that_the_workspace_forgot_is_not_sent_again_until_a_person_clears_the_task() -> None:
    worker = begun()
    del worker.warehouse.states["s1"]
    with pytest.raises(StatementLostError, match="s1 was sent, but the workspace does not know it any more"):
        worker.attempt(NEW)
    assert sent(worker) == 0
    assert worker.attempt(replace(NEW, max_tries=5, clear_number=1)).state == "RUNNING"


def test_one_in_another_workspace_is_left_alone() -> None:
    worker = begun()
    worker.attempt(replace(NEW, host="https://elsewhere"))
    assert worker.warehouse.states == {"s1": "RUNNING", "s2": "RUNNING"}


def test_one_is_taken_over_by_the_attempt_that_found_it() -> None:
    worker = begun()
    worker.attempt(NEW)
    assert StatementStore(SimulatedStore(Fuse(), worker.values)).read() == replace(NEW, statement_id="s1")
    assert worker.known == ["s1", "s1"]


@pytest.mark.parametrize("value", [None, 7, {}, {"host": "h"}, "text"])
def test_a_record_that_cannot_be_read_counts_as_none(value: object) -> None:
    worker = Worker(values={"airbrick_statement": value})
    assert worker.attempt(NEW).statement_id == "s1"


def test_a_failure_of_the_same_attempt_is_its_own() -> None:
    failed = StatementView("s1", "FAILED")
    assert judge_statement(failed, replace(FIRST, try_number=2), NEW) is Step.REPORT
    assert judge_statement(failed, FIRST, NEW) is Step.NEXT
