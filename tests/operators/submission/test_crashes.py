"""Whatever crashes, however often: one active run at a time, and none without need."""

import logging
import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.operators.submission.simulated import (
    CANCEL_SHOWS_S,
    CANCEL_TAKES_S,
    Died,
    Fuse,
    SimulatedStore,
    SimulatedWorkspace,
)

from airbrick.operators.errors import RefusedError, TooLateError
from airbrick.operators.request import RunRequest
from airbrick.operators.submission.decide import Attempt, OnRetry, Policy, Step
from airbrick.operators.submission.record import RecordStore
from airbrick.operators.submission.submit import Found, Order, Submission
from airbrick.operators.submission.token import TaskKey, token

LOG = logging.getLogger("test")
SOON_S = CANCEL_SHOWS_S - 1.0
ENDS = {"SUCCESS": "SUCCESS", "FAILED": "RUN_EXECUTION_ERROR", "CANCELED": "USER_CANCELED"}


class TaskInstance(RuleBasedStateMachine):
    """Airflow's side of one task instance: attempts, crashes, clears, and a run that ends when it likes."""

    durable = True
    refused = False
    deadline_at = math.inf

    @initialize(
        policy=st.builds(Policy, st.sampled_from(OnRetry)),
        losses=st.lists(st.booleans(), max_size=8),
        offset_s=st.floats(-300, 300),
    )
    def begin(self, policy: Policy, losses: list[bool], offset_s: float) -> None:
        self.fuse = Fuse()
        lost: Iterator[bool] = chain(losses, repeat(False))  # noqa: FBT003 -- no loss
        self.workspace = SimulatedWorkspace(self.fuse, lost, clock_offset_s=offset_s)
        self.store = SimulatedStore(self.fuse)
        self.policy = policy
        self.try_number = 0
        self.max_tries = 3
        self.clear_number = 0
        self.dag_run_started_at = self.workspace.now
        self.needed = 1
        self.cleared_at = 0.0
        self.state = "none"
        self.found: Found | None = None
        self.known: list[int] = []
        self.late: list[int] = []
        self.of_deleted: set[int] = set()
        self.stopped: set[int] = set()

    @rule(dies_after=st.none() | st.integers(0, 14), after_s=st.sampled_from([SOON_S, 10.0]))
    @precondition(lambda self: self.state in {"none", "up_for_retry"})
    def attempt(self, dies_after: int | None, after_s: float = 10.0) -> None:
        self.workspace.now += after_s
        self.try_number += 1
        self.fuse.steps = dies_after
        try:
            found = self._submission().obtain()
        except Died:
            # The next process cannot compare its clock with that of the one that stored the intent.
            self.late.clear()
            self.state = "up_for_retry"
            return
        finally:
            self.fuse.steps = None
        assert found.run.run_id not in self.late, "a run of the deleted dag run was taken"
        self.found = found
        self.state = "deferred"
        if found.step is not Step.WATCH:
            self._report(found)

    @rule(result=st.sampled_from(sorted(ENDS)), seen=st.booleans())
    @precondition(lambda self: self.workspace.active())
    def run_ends(self, result: str, seen: bool) -> None:
        self.workspace.now += 60.0
        self.workspace.end(result, ENDS[result])
        if seen and self.state == "deferred" and self.found is not None:
            run = self.workspace.run(self.found.run.run_id)
            self._report(Found(run, Step.REPORT, self.found.record))

    @rule()
    @precondition(lambda self: self.state == "deferred" and self.found is not None)
    def trigger_fires(self) -> None:
        assert self.found is not None
        run = self.workspace.run(self.found.run.run_id)
        if run.ended:
            self._report(Found(run, Step.REPORT, self.found.record))

    @rule()
    @precondition(lambda self: self.state == "deferred")
    def worker_is_lost(self) -> None:
        self.state = "up_for_retry"

    @rule(cleared=st.booleans())
    @precondition(lambda self: self.state == "deferred" and self.workspace.unbroken())
    def worker_cancels(self, cleared: bool) -> None:
        """A deadline passes, or the task is cleared while its worker waits: Airflow keeps ``max_tries`` then."""
        assert self.found is not None
        if cleared:
            self.clear_number += 1
            self.cleared_at = self.workspace.now
        else:
            RecordStore(self.store if self.durable else None).write(replace(self.found.record, settled=True))
        self.workspace.cancel(self.workspace.runs[self.found.run.run_id])
        self.stopped.add(self.found.run.run_id)
        self.state = "up_for_retry"

    @rule(retries_lowered=st.booleans(), made_again=st.booleans(), dag_run_finished=st.booleans())
    @precondition(lambda self: self.state in {"success", "failed"})
    def clear(self, retries_lowered: bool, made_again: bool, dag_run_finished: bool) -> None:
        self.workspace.now += 100.0
        self.cleared_at = self.workspace.now
        # Airflow starts a finished dag run anew. Without a store only that tells where the token stays the same.
        if made_again or dag_run_finished or (retries_lowered and not self.durable):
            self.dag_run_started_at = self.workspace.now
        if made_again:
            # The dag run is deleted and made again under its old id: nothing of it is left in Airflow.
            self.store.values.clear()
            self.try_number, self.clear_number, self.max_tries = 0, 0, 3
        else:
            self.clear_number += 1
            self.max_tries += 0 if retries_lowered else 3
        self.needed += 1
        self.state = "none"

    @rule(ends_at_once=st.booleans())
    @precondition(lambda self: self.durable and self.state == "none" and not self.try_number)
    def the_task_of_the_deleted_dag_run_asks_late_and_is_killed(self, ends_at_once: bool) -> None:
        name = token(self._key(), 0)
        if self.workspace.active() or name in {run.token for run in self.workspace.runs.values()}:
            return
        run = self.workspace.runs[self.workspace.start(name)]
        run.result, run.code = "CANCELED", ENDS["CANCELED"]
        run.ends_at = self.workspace.now + (0.0 if ends_at_once else CANCEL_TAKES_S)
        self.late.append(run.run_id)
        self.of_deleted.add(run.run_id)

    @rule()
    @precondition(lambda self: self.durable and self.state in {"deferred", "up_for_retry"})
    def clear_while_the_run_goes_on(self) -> None:
        # Once the task is cleared, nothing leads to a run of the deleted dag run that no attempt has found.
        if self.of_deleted & {run.run_id for run in self.workspace.active()}:
            return
        self.workspace.now += 10.0
        self.clear_number += 1
        self.max_tries += 3
        self.cleared_at = self.dag_run_started_at = self.workspace.now
        self.needed += 1
        self.state = "none"

    @invariant()
    def one_run_at_a_time(self) -> None:
        if hasattr(self, "workspace"):
            assert self.workspace.overlaps == 0
            assert len(self.workspace.active()) <= 1

    @invariant()
    def no_run_without_need(self) -> None:
        # A failure allows one more run, and so does a clear; a crash allows none.
        if hasattr(self, "workspace"):
            failed = [run for run in self.workspace.runs.values() if run.result not in {"", "SUCCESS"}]
            assert len(self.workspace.runs) <= self.needed + len(failed)

    def _report(self, found: Found) -> None:
        mistaken = found.run.code == "USER_CANCELED" and found.run.run_id in self.stopped
        assert not mistaken or found.step is Step.FAIL, "what a worker cancelled was taken for a person's wish"
        if found.run.result == "SUCCESS":
            assert found.run.restarted_at - self.workspace.clock_offset_s >= self.cleared_at, (
                "an old success was reported"
            )
            self.state = "success"
        elif found.step is Step.FAIL or found.run.code == "USER_CANCELED":
            self.state = "failed"
        else:
            self.state = "up_for_retry"

    def _key(self) -> TaskKey:
        return TaskKey("", "https://w", 7, "dag", "run", "task", -1, self.max_tries)

    def _submission(self) -> Submission:
        now = self.workspace.now
        attempt = Attempt(self.try_number, now, self.dag_run_started_at, self.clear_number if self.durable else None)
        return Submission(
            self.workspace,
            RecordStore(self.store if self.durable else None),
            Order(self._key(), attempt, RunRequest(7, {}), self.policy),
            clock=self.workspace.clock(),
            log=LOG,
            check=self._check,
            in_time=self._in_time,
            on_known=self.known.append,
            on_stored=lambda _: None,
        )

    def _check(self) -> None:
        if self.refused:
            raise RefusedError

    def _in_time(self) -> None:
        if self.workspace.now >= self.deadline_at:
            raise TooLateError("execution_timeout", limit_s=1.0)


class TaskInstanceWithoutStore(TaskInstance):
    """As Airflow 3.1 and 3.2 have it: only the token and the dag run's start remember anything."""

    durable = False


TestWithStore = TaskInstance.TestCase
TestWithoutStore = TaskInstanceWithoutStore.TestCase


@given(st.integers(0, 20), st.lists(st.booleans(), max_size=6), st.booleans())
def test_one_crash_anywhere_leaves_one_run_that_the_next_attempt_finds(
    dies_after: int, losses: list[bool], durable: bool
) -> None:
    machine = TaskInstance() if durable else TaskInstanceWithoutStore()
    machine.begin(Policy(), losses, 0.0)
    machine.attempt(dies_after)
    if machine.state == "up_for_retry":
        machine.attempt(None)
    assert machine.state == "deferred"
    assert len(machine.workspace.runs) == 1


@given(st.integers(0, 20))
def test_what_speaks_against_a_new_run_leaves_none_unwatched_wherever_a_worker_dies(dies_after: int) -> None:
    machine = TaskInstance()
    machine.begin(Policy(), [], 0.0)
    machine.attempt(dies_after)
    machine.worker_is_lost()
    machine.refused = True
    with suppress(RefusedError):
        machine.attempt(None)
    assert (machine.state == "deferred") == bool(machine.workspace.active())


@pytest.mark.parametrize("kind", [TaskInstance, TaskInstanceWithoutStore])
def test_only_an_answer_that_never_came_leaves_a_run_that_a_kill_cannot_cancel(kind: type[TaskInstance]) -> None:
    unknown = []
    for dies_after in range(20):
        machine = kind()
        machine.begin(Policy(), [], 0.0)
        machine.attempt(dies_after)
        if machine.workspace.active() and not machine.known:
            unknown.append(dies_after)
    assert len(unknown) == 1


def test_a_run_that_an_attempt_finds_is_known_before_it_is_taken_over() -> None:
    unknown = []
    for dies_after in range(20):
        machine = TaskInstance()
        machine.begin(Policy(), [], 0.0)
        machine.attempt(None)
        machine.worker_is_lost()
        machine.known.clear()
        machine.attempt(dies_after)
        if machine.state == "up_for_retry" and not machine.known:
            unknown.append(dies_after)
    # Before its look at the run.
    assert unknown == [0]


@pytest.mark.parametrize(
    ("retries_lowered", "made_again", "dag_run_finished"),
    [(False, False, False), (True, False, False), (True, False, True), (False, True, True)],
)
def test_a_clear_after_a_success_runs_again(retries_lowered: bool, made_again: bool, dag_run_finished: bool) -> None:
    machine = TaskInstance()
    machine.begin(Policy(), [], 60.0)
    machine.attempt(None)
    machine.run_ends("SUCCESS", seen=True)
    machine.clear(retries_lowered, made_again, dag_run_finished)
    machine.attempt(None)
    assert (machine.state, len(machine.workspace.runs)) == ("deferred", 2)


@pytest.mark.parametrize("kind", [TaskInstance, TaskInstanceWithoutStore])
@pytest.mark.parametrize("cleared", [True, False])
@pytest.mark.parametrize("after_s", [SOON_S, 10.0, 60.0])
def test_what_a_worker_cancelled_is_followed_by_another_run_once_it_has_ended(
    kind: type[TaskInstance], cleared: bool, after_s: float
) -> None:
    machine = kind()
    machine.begin(Policy(), [], 60.0)
    machine.attempt(None)
    machine.workspace.now += 100.0
    machine.worker_cancels(cleared)
    machine.attempt(None, after_s)
    machine.one_run_at_a_time()
    assert (machine.state, len(machine.workspace.runs)) == ("deferred", 2)
    (active,) = machine.workspace.active()
    assert machine.found is not None
    assert machine.found.run.run_id == active.run_id


@pytest.mark.parametrize("kind", [TaskInstance, TaskInstanceWithoutStore])
def test_no_run_is_started_if_the_deadline_passes_while_the_one_before_it_ends(kind: type[TaskInstance]) -> None:
    machine = kind()
    machine.begin(Policy(), [], 60.0)
    machine.attempt(None)
    machine.workspace.now += 100.0
    machine.worker_cancels(cleared=False)
    machine.deadline_at = machine.workspace.now + CANCEL_TAKES_S / 2
    with pytest.raises(TooLateError):
        machine.attempt(None, SOON_S)
    assert len(machine.workspace.runs) == 1


def test_without_a_store_a_run_that_is_about_to_succeed_is_reported() -> None:
    machine = TaskInstanceWithoutStore()
    machine.begin(Policy(), [], 60.0)
    machine.attempt(None)
    machine.workspace.now += 100.0
    machine.worker_is_lost()
    machine.workspace.end("SUCCESS", "SUCCESS", takes_s=20.0)
    machine.attempt(None)
    assert (machine.state, len(machine.workspace.runs)) == ("success", 1)


@pytest.mark.parametrize("ends_at_once", [True, False])
def test_a_run_that_the_task_of_a_deleted_dag_run_asked_for_is_not_reported(ends_at_once: bool) -> None:
    machine = TaskInstance()
    machine.begin(Policy(), [], 60.0)
    machine.the_task_of_the_deleted_dag_run_asks_late_and_is_killed(ends_at_once)
    machine.attempt(None)
    assert machine.found is not None
    assert (machine.found.step, machine.found.run.run_id in machine.late) == (Step.WATCH, False)


@given(dies_after=st.integers(0, 12), offset_s=st.floats(-300, 300))
def test_the_deadlines_of_a_repair_count_from_the_repair_wherever_a_worker_dies(
    dies_after: int, offset_s: float
) -> None:
    machine = TaskInstance()
    machine.begin(Policy(OnRetry.REPAIR), [], offset_s)
    machine.attempt(None)
    machine.run_ends("FAILED", seen=True)
    machine.workspace.now += 1000.0
    asked_from = machine.workspace.now
    machine.attempt(dies_after)
    if machine.state == "up_for_retry":
        machine.attempt(None)
    assert machine.found is not None
    assert machine.found.step is Step.WATCH
    assert machine.found.record.asked_at >= asked_from
