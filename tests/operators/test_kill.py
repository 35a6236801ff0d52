import logging
import threading

import pytest

from airbrick.operators.errors import TaskEndedError
from airbrick.operators.kill import KillSwitch, person_acted

LOG = logging.getLogger("test")


@pytest.mark.parametrize(
    ("state", "found", "expected"),
    [
        ("running", True, False),
        ("deferred", True, False),
        # Airflow took the worker for lost, and the next attempt goes on with the run.
        ("up_for_retry", True, False),
        ("failed", True, True),
        ("success", True, True),
        ("skipped", True, True),
        ("removed", True, True),
        ("restarting", True, True),
        (None, True, True),
        (None, False, True),
    ],
)
def test_a_person_acted_when_the_task_does_not_go_on(state: str | None, found: bool, expected: bool) -> None:
    assert person_acted(state, found=found) is expected


class Calls:
    def __init__(self, *, person: bool | BaseException) -> None:
        self.person, self.cancelled, self.asked = person, list[int](), 0
        self.switch = KillSwitch[int](asked_by_person=self.ask, cancel=self.cancelled.append, log=LOG)

    def ask(self) -> bool:
        self.asked += 1
        if isinstance(self.person, BaseException):
            raise self.person
        return self.person

    def pull(self) -> "Calls":
        self.switch.pull()
        self.switch.close(failed=False)
        return self


def test_a_person_cancels_the_run_and_ends_the_wait() -> None:
    calls = Calls(person=True)
    calls.switch.known(7)
    calls.pull()
    assert calls.cancelled == [7]
    with pytest.raises(TaskEndedError):
        calls.switch.sleep(60)


def test_a_deploy_leaves_the_run_and_the_wait_alone() -> None:
    calls = Calls(person=False)
    calls.switch.known(7)
    calls.pull()
    assert calls.cancelled == []
    calls.switch.sleep(0)


def test_where_airflow_cannot_tell_the_run_goes_on() -> None:
    calls = Calls(person=ConnectionError("the API server is down"))
    calls.switch.known(7)
    calls.pull()
    assert calls.cancelled == []
    calls.switch.sleep(0)


def test_a_run_that_ended_is_left_alone() -> None:
    calls = Calls(person=True)
    calls.switch.known(7)
    calls.switch.ended()
    calls.pull()
    assert (calls.asked, calls.cancelled) == (0, [])


def test_the_answer_to_a_signal_comes_before_anything_else_is_told() -> None:
    cancelled, answer = list[int](), threading.Event()
    switch = KillSwitch(asked_by_person=lambda: answer.wait(10), cancel=cancelled.append, log=LOG)
    switch.pull()
    switch.known(7)
    threading.Timer(0.05, answer.set).start()
    with pytest.raises(TaskEndedError):
        switch.settle()
    assert cancelled == [7]


def test_without_a_signal_and_after_a_deploy_there_is_nothing_to_wait_for() -> None:
    calls = Calls(person=False)
    calls.switch.known(7)
    calls.switch.settle()
    calls.switch.pull()
    calls.switch.settle()
    assert (calls.asked, calls.cancelled) == (1, [])


def test_many_signals_ask_once() -> None:
    calls = Calls(person=True)
    calls.switch.known(7)
    calls.pull().pull()
    assert (calls.asked, calls.cancelled) == (1, [7])


@pytest.mark.parametrize("first", [False, ConnectionError("the API server is down")], ids=["a deploy", "no answer"])
def test_a_signal_after_one_that_nobody_meant_asks_again(first: bool | BaseException) -> None:
    calls = Calls(person=first)
    calls.switch.known(7)
    calls.pull()
    calls.person = True
    calls.pull()
    assert (calls.asked, calls.cancelled) == (2, [7])


def test_a_task_that_fails_after_a_signal_that_nobody_meant_asks_again() -> None:
    calls = Calls(person=False)
    calls.switch.known(7)
    calls.pull()
    calls.person = True
    calls.switch.close(failed=True)
    assert (calls.asked, calls.cancelled) == (2, [7])


def test_many_signals_while_airflow_answers_ask_once() -> None:
    asked, answer = list[int](), threading.Event()

    def ask() -> bool:
        asked.append(1)
        return answer.wait(10)

    switch = KillSwitch[int](asked_by_person=ask, cancel=lambda _: None, log=LOG)
    switch.pull()
    switch.pull()
    answer.set()
    switch.close(failed=False)
    assert len(asked) == 1


def test_a_run_whose_answer_is_under_way_is_cancelled_when_it_comes() -> None:
    calls = Calls(person=True)
    calls.switch.pull()
    calls.switch.known(8)
    calls.switch.close(failed=False)
    assert calls.cancelled == [8]


@pytest.mark.parametrize("after", [8, 7], ids=["another run", "a repair of the same"])
def test_what_is_asked_for_while_the_run_before_it_is_cancelled_is_cancelled_too(after: int) -> None:
    cancelled, sent = list[int](), threading.Event()

    def cancel(run_id: int) -> None:
        cancelled.append(run_id)
        sent.set()

    switch = KillSwitch(asked_by_person=lambda: True, cancel=cancel, log=LOG)
    switch.known(7)
    switch.pull()
    assert sent.wait(10)
    switch.known(after)
    switch.close(failed=False)
    assert cancelled == [7, after]


@pytest.mark.parametrize(("person", "failed", "cancelled"), [(True, True, [7]), (False, True, []), (True, False, [])])
def test_a_task_that_fails_asks_whether_a_person_ended_it(person: bool, failed: bool, cancelled: list[int]) -> None:
    calls = Calls(person=person)
    calls.switch.known(7)
    calls.switch.close(failed=failed)
    assert (calls.asked, calls.cancelled) == (int(failed), cancelled)


def test_a_task_that_fails_without_an_active_run_asks_nothing() -> None:
    calls = Calls(person=True)
    calls.switch.close(failed=True)
    calls.switch.known(7)
    calls.switch.ended()
    calls.switch.close(failed=True)
    assert (calls.asked, calls.cancelled) == (0, [])


def test_a_task_that_ends_without_a_run_does_not_wait_for_one() -> None:
    calls = Calls(person=True).pull()
    assert (calls.asked, calls.cancelled) == (1, [])


def test_a_cancel_that_fails_is_said(caplog: pytest.LogCaptureFixture) -> None:
    def cancel(run_id: int) -> None:
        raise OSError

    switch = KillSwitch(asked_by_person=lambda: True, cancel=cancel, log=LOG)
    switch.known(7)
    switch.pull()
    switch.close(failed=False)
    assert "run 7 could not be cancelled; it may still be running" in caplog.text
