from dataclasses import replace

from airbrick.operators.runs.changes import change_line
from airbrick.operators.runs.view import Phase, RunView

PENDING = RunView(7, 2, Phase.PENDING, "PENDING")


def test_the_first_look_is_told() -> None:
    assert change_line(None, PENDING) == "run 7 is PENDING"


def test_nothing_is_said_while_nothing_changes() -> None:
    assert change_line(PENDING, replace(PENDING, setup_s=30.0)) is None


def test_the_queue_gives_its_reason_and_the_times_so_far() -> None:
    queued = RunView(7, 2, Phase.QUEUED, "QUEUED", queue_reason="at most 1 run at once")
    assert change_line(None, queued) == "run 7 is QUEUED; at most 1 run at once"
    running = RunView(7, 2, Phase.RUNNING, "RUNNING", queue_s=12.4, setup_s=60.0)
    assert change_line(queued, running) == "run 7 is RUNNING; queued 12 s, setting up 60 s"


def test_the_end_names_code_message_and_times() -> None:
    end = RunView(
        7, 2, Phase.ENDED, "TERMINATED", "FAILED", "DRIVER_ERROR", message="lost the driver", execution_s=90.0
    )
    assert change_line(PENDING, end) == "run 7 ended: DRIVER_ERROR; lost the driver; executing 90 s"
    good = RunView(7, 2, Phase.ENDED, "TERMINATED", "SUCCESS", "SUCCESS", message="done")
    assert change_line(PENDING, good) == "run 7 ended: SUCCESS"
