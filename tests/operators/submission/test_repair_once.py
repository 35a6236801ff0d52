"""A repair that a person asks for in a DAG, whatever crashes."""

import logging
from dataclasses import replace
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.operators.submission.simulated import Died, Fuse, SimulatedStore, SimulatedWorkspace

from airbrick.operators.errors import ApiError, RunLostError, RunRejectedError
from airbrick.operators.request import RepairRequest
from airbrick.operators.submission.decide import Attempt, Step
from airbrick.operators.submission.record import RecordStore
from airbrick.operators.submission.repair import RepairUnseenError
from airbrick.operators.submission.repair_once import RepairOnce, RunActiveError
from airbrick.operators.submission.submit import Found
from airbrick.operators.workspace import wire

LOG = logging.getLogger("test")


class Task:
    """A task that repairs the workspace's one run, which has failed."""

    def __init__(self, losses: list[bool] | None = None, *, durable: bool = True) -> None:
        self.fuse = Fuse()
        lost = chain(losses or [], repeat(False))  # noqa: FBT003 -- no loss
        self.workspace = SimulatedWorkspace(self.fuse, lost, clock_offset_s=60.0)
        self.run_id = self.workspace.start("someone's")
        self.fails()
        self.store = RecordStore(SimulatedStore(self.fuse) if durable else None)
        self.workspace.now += 1000.0
        self.dag_run_started_at = self.workspace.now
        self.try_number = 0
        self.clear_number = 0
        self.active_when_known: list[int] = []
        self.partial_success = True

    @property
    def repairs(self) -> int:
        return len(self.workspace.runs[self.run_id].repairs)

    def fails(self) -> None:
        self.workspace.now += 10.0
        self.workspace.end("FAILED", "RUN_EXECUTION_ERROR")
        self.workspace.now += 10.0

    def cancel(self) -> None:
        self.workspace.call(wire.cancel_run(self.run_id))

    def attempt(self, dies_after: int | None = None) -> Found:
        self.try_number += 1
        self.workspace.now += 10.0
        self.fuse.steps = dies_after
        try:
            return RepairOnce(
                self.workspace,
                self.store,
                RepairRequest(self.run_id, {"rerun_all_failed_tasks": True}),
                Attempt(self.try_number, self.workspace.now, self.dag_run_started_at, self.clear_number),
                host="https://w",
                clock=self.workspace.clock(),
                log=LOG,
                check=lambda: None,
                on_known=lambda _: self.active_when_known.append(len(self.workspace.active())),
                on_stored=lambda _: None,
                partial_success=self.partial_success,
            ).obtain()
        finally:
            self.fuse.steps = None


@pytest.mark.parametrize("durable", [True, False])
@given(dies_after=st.integers(0, 14), losses=st.lists(st.booleans(), max_size=3))
def test_a_crash_anywhere_leaves_one_repair(durable: bool, dies_after: int, losses: list[bool]) -> None:
    task = Task(losses, durable=durable)
    died = False
    try:
        found = task.attempt(dies_after)
    except Died:
        died = True
    if died:
        found = task.attempt()
    assert (found.step, task.repairs) == (Step.WATCH, 1)


def test_the_run_is_named_when_a_repair_may_go_on_and_not_before() -> None:
    # Whoever cancels it earlier cancels the run that has ended, and the repair goes on.
    task = Task()
    task.attempt()
    assert task.active_when_known == [1]


def test_a_retry_after_a_repair_that_failed_repairs_again() -> None:
    task = Task()
    assert task.attempt().step is Step.WATCH
    task.fails()
    assert task.attempt().step is Step.WATCH
    assert task.repairs == 2


def test_a_repair_that_succeeded_while_nobody_looked_is_reported() -> None:
    task = Task()
    task.attempt()
    task.workspace.end("SUCCESS", "SUCCESS")
    task.workspace.now += 10.0
    found = task.attempt()
    assert (found.step, found.run.result, task.repairs) == (Step.REPORT, "SUCCESS", 1)


def test_a_repair_that_a_person_cancelled_is_not_asked_for_again() -> None:
    task = Task()
    task.attempt()
    task.cancel()
    task.workspace.now += 60.0
    found = task.attempt()
    assert (found.step, found.run.code, task.repairs) == (Step.REPORT, "USER_CANCELED", 1)


def test_a_run_that_a_person_cancelled_is_not_repaired() -> None:
    task = Task()
    run = task.workspace.runs[task.run_id]
    run.result, run.code = "CANCELED", "USER_CANCELED"
    with pytest.raises(RunRejectedError, match="was cancelled by a person and is not repaired"):
        task.attempt()
    assert task.repairs == 0


def test_after_a_clear_the_cancelled_repair_is_seen_to_end_and_asked_for_again() -> None:
    task = Task()
    task.attempt()
    task.cancel()
    task.clear_number += 1
    assert task.attempt().step is Step.WATCH
    assert task.repairs == 2


@pytest.mark.parametrize("sent", [True, False], ids=["its cancel was sent", "its cancel was not sent"])
def test_a_repair_that_passed_a_deadline_is_seen_to_end_and_asked_for_again(sent: bool) -> None:
    task = Task()
    task.store.write(replace(task.attempt().record, settled=True))
    if sent:
        task.cancel()
    assert task.attempt().step is Step.WATCH
    assert task.repairs == 2
    record = task.store.read()
    assert record is not None
    assert not record.settled


@pytest.mark.parametrize(("partial_success", "repairs"), [(True, 1), (False, 2)])
def test_a_partial_success_is_repaired_again_only_where_it_counts_as_a_failure(
    partial_success: bool, repairs: int
) -> None:
    task = Task()
    task.partial_success = partial_success
    task.attempt()
    task.workspace.end("SUCCESS_WITH_FAILURES", "SUCCESS_WITH_FAILURES")
    task.workspace.now += 10.0
    task.attempt()
    assert task.repairs == repairs


def test_after_a_clear_the_run_is_repaired_again() -> None:
    task = Task()
    task.attempt()
    task.fails()
    task.clear_number += 1
    assert task.attempt().step is Step.WATCH
    assert task.repairs == 2


def test_a_run_that_goes_on_is_not_repaired() -> None:
    task = Task()
    task.workspace._repaired(task.workspace.runs[task.run_id], None)
    with pytest.raises(RunActiveError, match="can be repaired once it has ended"):
        task.attempt()


def test_a_run_that_does_not_exist_is_named() -> None:
    task = Task()
    task.run_id = 5
    with pytest.raises(RunLostError, match="run 5 does not exist"):
        task.attempt()


def test_a_repair_that_is_never_shown_fails_the_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task()
    monkeypatch.setattr(SimulatedWorkspace, "_repaired", lambda *_: 1)
    with pytest.raises(RepairUnseenError):
        task.attempt()


def test_a_repair_that_is_refused_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise ApiError("POST repair", status=403, error_code="PERMISSION_DENIED", message="not yours")

    monkeypatch.setattr(SimulatedWorkspace, "_repaired", refuse)
    with pytest.raises(ApiError, match="not yours"):
        Task().attempt()
