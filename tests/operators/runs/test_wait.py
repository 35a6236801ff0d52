import logging
from collections.abc import Callable

import pytest

from airbrick.operators.errors import ConnectionMissingError, ConnectionSettingsError, UnavailableError
from airbrick.operators.runs.deadlines import Deadline, Deadlines
from airbrick.operators.runs.view import Phase, RunView
from airbrick.operators.runs.wait import wait_in_worker
from airbrick.operators.workspace.clock import Clock

PENDING = RunView(7, 2, Phase.PENDING, "PENDING")
RUNNING = RunView(7, 2, Phase.RUNNING, "RUNNING")
ENDED = RunView(7, 2, Phase.ENDED, "TERMINATED", "SUCCESS", "SUCCESS")


class Waiting:
    def __init__(self, looks: list[RunView | Exception]) -> None:
        self.time_s, self.slept, self.looks = 1000.0, list[float](), looks

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time_s += seconds

    def look(self, run_id: int) -> RunView:
        seen = self.looks.pop(0) if self.looks else RUNNING
        if isinstance(seen, Exception):
            raise seen
        return seen

    def wait(self, **limits: float) -> tuple[RunView | None, Deadline | None]:
        clock = Clock(now=lambda: self.time_s, monotonic=lambda: self.time_s, sleep=self.sleep, unit=lambda: 0.0)
        return wait_in_worker(
            7,
            PENDING,
            look=self.look,
            deadlines=Deadlines(submitted_at=1000.0, **limits),
            poll_interval_s=30.0,
            clock=clock,
            log=logging.getLogger("test.wait"),
        )


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.INFO, logger="test.wait")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "test.wait"]


def test_each_change_is_one_line(lines: Callable[[], list[str]]) -> None:
    assert Waiting([PENDING, RUNNING, RUNNING, ENDED]).wait() == (ENDED, None)
    assert lines() == ["run 7 is PENDING", "run 7 is RUNNING", "run 7 ended: SUCCESS"]


def test_an_outage_does_not_end_the_wait(lines: Callable[[], list[str]]) -> None:
    outage = UnavailableError("https://w", waited_s=120, last="503")
    assert Waiting([outage, outage, ENDED]).wait() == (ENDED, None)
    assert sum("trying on" in line for line in lines()) == 2


def test_a_connection_that_airflow_cannot_give_does_not_end_the_wait(lines: Callable[[], list[str]]) -> None:
    unusable = ConnectionSettingsError("w", "credentials", "is missing", fix="enter it")
    assert Waiting([ConnectionMissingError("w"), unusable, ENDED]).wait() == (ENDED, None)
    assert sum("trying on" in line for line in lines()) == 2


def test_a_phase_that_cannot_be_seen_to_last_passes_no_deadline() -> None:
    outages = [UnavailableError("https://w", waited_s=120, last="503") for _ in range(9)]
    assert Waiting([*outages, RUNNING, ENDED]).wait(start_s=1.0) == (ENDED, None)


def test_an_outage_does_not_outlast_the_tasks_own_deadline() -> None:
    waiting = Waiting([UnavailableError("https://w", waited_s=120, last="503") for _ in range(99)])
    assert waiting.wait(execution_at=1050.0) == (None, Deadline.EXECUTION)
    assert waiting.time_s == pytest.approx(1050.0)


def test_a_deadline_is_met_to_the_second() -> None:
    waiting = Waiting([])
    run, passed = waiting.wait(run_s=100.5)
    assert (run, passed) == (RUNNING, Deadline.RUN)
    assert waiting.time_s == pytest.approx(1100.5)


def test_a_run_that_ends_at_its_deadline_has_ended() -> None:
    assert Waiting([ENDED]).wait(run_s=1.0) == (ENDED, None)
