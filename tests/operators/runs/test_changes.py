from dataclasses import replace

from airbrick.operators.runs.changes import change_line, expired_line
from airbrick.operators.runs.deadlines import Deadline
from airbrick.operators.runs.view import Phase, RunView, TaskView

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


def test_a_passed_deadline_says_which_it_was_what_the_run_did_and_for_how_long() -> None:
    queued = RunView(7, 2, Phase.QUEUED, "QUEUED", queue_reason="at most 1 run at once", queue_s=610.0)
    assert expired_line(queued, Deadline.QUEUE, limit_s=600.0, waited_s=612.0) == (
        "passed its queue deadline of 600 s and was cancelled: it was QUEUED (at most 1 run at once), "
        "612 s after it was asked for; queued 610 s"
    )
    load = TaskView("load", 9, "RUNNING", "", "", "", 0, 0.0, active=True)
    running = RunView(7, 2, Phase.RUNNING, "RUNNING", setup_s=60.0, tasks=(load, replace(load, active=False)))
    assert expired_line(running, Deadline.EXECUTION, limit_s=None, waited_s=90.0) == (
        "passed its execution deadline and was cancelled: it was RUNNING, 90 s after it was asked for; "
        "at task 'load'; setting up 60 s"
    )
