from __future__ import annotations

from typing import Any

import pytest

from airbrick.iac.policies import running
from airbrick.iac.values import UNKNOWN

TASK = {"task_key": "load", "notebook_task": {"notebook_path": "/Workspace/Shared/load"}}


def places(found: Any) -> list[str]:
    return [str(violation).partition(":")[0] for violation in found]


@pytest.mark.parametrize(
    "job",
    [
        {"tasks": [TASK], "timeout_seconds": 60},
        {"tasks": [TASK], "timeout_seconds": UNKNOWN},
        {"tasks": [{**TASK, "timeout_seconds": 60}, {**TASK, "task_key": "sum", "timeout_seconds": 5}]},
        {"tasks": [TASK], "continuous": {"pause_status": "UNPAUSED"}},
        {"tasks": [TASK], "triggers": [{"continuous": {}}]},
        {"tasks": UNKNOWN},
        {"tasks": [{**TASK, "timeout_seconds": 60}, UNKNOWN]},
        {"tasks": [TASK], "triggers": UNKNOWN},
        {"tasks": [TASK], "triggers": [UNKNOWN]},
    ],
)
def test_a_bounded_job_passes(job: dict[str, Any]) -> None:
    assert not list(running.job_timeout_set(job, {}))


@pytest.mark.parametrize(
    "job",
    [
        {},
        {"tasks": [TASK]},
        {"tasks": [TASK], "timeout_seconds": 0},
        {"tasks": [{**TASK, "timeout_seconds": 60}, TASK]},
        {"tasks": [TASK, UNKNOWN]},
        # The time-out of an iteration does not bound the loop.
        {"tasks": [{"task_key": "each", "for_each_task": {"inputs": "[1]", "task": {**TASK, "timeout_seconds": 60}}}]},
    ],
)
def test_a_job_that_may_run_for_ever_is_found(job: dict[str, Any]) -> None:
    assert places(running.job_timeout_set(job, {})) == ["timeout_seconds"]


def test_runs_that_would_be_dropped_are_found_and_queued() -> None:
    unqueued: list[dict[str, Any]] = [{}, {"queue": {"enabled": False}}, {"queue": {}}]
    for job in unqueued:
        assert places(running.job_queue_enabled(job, {})) == ["queue.enabled"]
        mended = running.enable_queue({**job, "name": "x"}, {})
        assert mended == {"name": "x", "queue": {"enabled": True}}
        assert not list(running.job_queue_enabled(mended, {}))
    for queue in ({"enabled": True}, {"enabled": UNKNOWN}, UNKNOWN):
        assert not list(running.job_queue_enabled({"queue": queue}, {}))


def test_concurrency_has_a_limit() -> None:
    assert not list(running.max_concurrent_runs_limited({"max_concurrent_runs": 10}, {"limit": 10}))
    assert not list(running.max_concurrent_runs_limited({"max_concurrent_runs": UNKNOWN}, {"limit": 10}))
    (found,) = running.max_concurrent_runs_limited({"max_concurrent_runs": 11}, {"limit": 10})
    assert str(found) == "max_concurrent_runs: 11 is more than the 10 that are allowed"


def test_retries_have_a_limit_and_say_what_a_time_out_is() -> None:
    fine = {**TASK, "max_retries": 3, "retry_on_timeout": False}
    job = {
        "tasks": [
            fine,
            {**fine, "max_retries": 0, "retry_on_timeout": None},
            {**fine, "max_retries": -1},
            {"task_key": "each", "for_each_task": {"inputs": "[]", "task": {**fine, "max_retries": 4}}},
            {**TASK, "max_retries": 1},
        ]
    }
    assert places(running.task_retries_bounded(job, {"limit": 3})) == [
        "tasks[2].max_retries",
        "tasks[3].for_each_task.task.max_retries",
        "tasks[4].retry_on_timeout",
    ]


def test_somebody_hears_of_a_failure() -> None:
    assert places(running.failure_notification_present({"tasks": [TASK]}, {})) == ["webhook_notifications.on_failure"]
    told = {"webhook_notifications": {"on_failure": [{"id": "1"}]}}
    for job in (
        {"tasks": [TASK], "email_notifications": {"on_failure": ["a@b.c"]}},
        {"tasks": [TASK], **told},
        {"tasks": [{**TASK, **told}]},
        {"tasks": [TASK], "email_notifications": UNKNOWN},
        {"tasks": UNKNOWN},
        {"tasks": [{**TASK, **told}, UNKNOWN]},
    ):
        assert not list(running.failure_notification_present(job, {}))
    assert list(running.failure_notification_present({"tasks": [{**TASK, **told}, TASK]}, {}))


def test_a_job_that_starts_itself_is_found_unless_paused() -> None:
    cron = {"quartz_cron_expression": "0 0 0 * * ?", "timezone_id": "UTC"}
    assert places(running.no_schedule_of_its_own({"schedule": cron}, {})) == ["schedule"]
    assert places(running.no_schedule_of_its_own({"trigger": {"file_arrival": {"url": "s3://x"}}}, {})) == ["trigger"]
    assert places(running.no_schedule_of_its_own({"continuous": {}}, {})) == ["continuous"]
    assert not list(running.no_schedule_of_its_own({"schedule": {**cron, "pause_status": "PAUSED"}}, {}))
    paused, daily = {"schedule": cron, "pause_status": "PAUSED"}, {"periodic": {"interval": 1, "unit": "DAYS"}}
    assert places(running.no_schedule_of_its_own({"triggers": [paused, daily]}, {})) == ["triggers[1]"]
    assert not list(running.no_schedule_of_its_own({"triggers": UNKNOWN}, {}))
    assert not list(running.no_schedule_of_its_own({}, {}))
