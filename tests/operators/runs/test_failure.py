from collections.abc import Mapping
from typing import Any

from airbrick.operators.errors import ApiError, RunBusyError, RunFailedError, RunRejectedError
from airbrick.operators.runs.failure import TRACE_TAIL_CHARS, failure, first_failure
from airbrick.operators.runs.outcome import Verdict
from airbrick.operators.runs.view import Phase, RunView, TaskView


def task(key: str, result: str, ended_at: float, *, run_id: int = 1, attempt: int = 0, message: str = "") -> TaskView:
    return TaskView(key, run_id, result, message, "", "", attempt, ended_at)


def run(*tasks: TaskView, code: str = "RUN_EXECUTION_ERROR") -> RunView:
    return RunView(
        7, 2, Phase.ENDED, "TERMINATED", "FAILED", code, message="Task load failed", url="https://w/r/7", tasks=tasks
    )


def test_the_first_task_that_failed_by_itself_is_blamed() -> None:
    view = run(
        task("c", "UPSTREAM_FAILED", 1), task("b", "FAILED", 30), task("a", "FAILED", 20), task("d", "SUCCESS", 5)
    )
    found = first_failure(view)
    assert found is not None
    assert found.task_key == "a"


def test_a_task_that_succeeded_on_its_second_attempt_did_not_fail() -> None:
    view = run(task("a", "FAILED", 10, attempt=0), task("a", "SUCCESS", 20, attempt=1), task("b", "TIMEDOUT", 30))
    found = first_failure(view)
    assert found is not None
    assert found.task_key == "b"


def test_when_nothing_failed_by_itself_the_first_that_did_not_succeed_is_shown() -> None:
    found = first_failure(run(task("a", "CANCELED", 10), task("b", "SKIPPED", 0)))
    assert found is not None
    assert found.task_key == "a"
    assert first_failure(run()) is None


def test_the_error_has_code_task_error_trace_tail_and_link() -> None:
    asked = []

    def output(run_id: int) -> Mapping[str, Any]:
        asked.append(run_id)
        return {"error": "ValueError: bad date", "error_trace": "x" * 5000 + "\nValueError: bad date\n"}

    error = failure(run(task("load", "FAILED", 10, run_id=99)), Verdict.FAIL, label="job 'nightly'", output=output)
    assert isinstance(error, RunFailedError)
    assert asked == [99]
    lines = str(error).splitlines()
    assert lines[0] == "run 7 of job 'nightly' did not succeed: RUN_EXECUTION_ERROR: Task load failed"
    assert lines[1] == "task 'load': FAILED: ValueError: bad date"
    assert lines[2].startswith("…")
    assert lines[-2:] == ["ValueError: bad date", "https://w/r/7"]
    assert len(str(error)) < TRACE_TAIL_CHARS + 500
    assert (error.run_id, error.url, error.code) == (7, "https://w/r/7", "RUN_EXECUTION_ERROR")


def test_an_output_that_cannot_be_read_does_not_hide_the_failure() -> None:
    def output(run_id: int) -> Mapping[str, Any]:
        raise ApiError("GET /output", status=403, message="no")

    text = str(failure(run(task("load", "FAILED", 10, message="boom")), Verdict.FAIL, label="job 9", output=output))
    assert "task 'load': FAILED: boom" in text
    assert "its output could not be read: GET /output: 403: no" in text


def test_a_run_a_person_cancelled_is_not_retried() -> None:
    assert isinstance(
        failure(run(code="USER_CANCELED"), Verdict.REJECT, label="job 9", output=lambda _: {}), RunRejectedError
    )


def test_what_is_full_says_that_a_later_retry_does_better() -> None:
    error = failure(run(code="MAX_JOB_QUEUE_SIZE_EXCEEDED"), Verdict.LATER, label="job 9", output=lambda _: {})
    assert isinstance(error, RunBusyError)
