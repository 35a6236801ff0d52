"""How a job runs: limits on time, concurrency and retries, and who hears of a failure."""

from collections.abc import Iterator, Mapping
from typing import Final

from airbrick.iac.policies.job_parts import every_task, is_positive, tasks
from airbrick.iac.policies.policy import JOB, Options, ResourcePolicy, Violation, number
from airbrick.iac.settings.starters import starters
from airbrick.iac.values import UNKNOWN, Path, Properties, Value


def job_timeout_set(job: Properties, options: Options) -> Iterator[Violation]:
    """Find a job that may run for ever. A continuous job is meant to."""
    del options
    if is_positive(job.get("timeout_seconds")) or any(_may_be_continuous(path, item) for path, item in starters(job)):
        return
    if not every_task(job, lambda task: is_positive(task.get("timeout_seconds"))):
        yield Violation(("timeout_seconds",), "a run may go on for ever; set it, in seconds, here or on every task")


def job_queue_enabled(job: Properties, options: Options) -> Iterator[Violation]:
    """Find a job whose runs are dropped, not queued, when too many are active."""
    del options
    queue = job.get("queue")
    if queue is UNKNOWN or (isinstance(queue, Mapping) and queue.get("enabled") not in (None, False)):
        return
    yield Violation(("queue", "enabled"), "a run above max_concurrent_runs is skipped; queue it: enabled = true")


def enable_queue(job: Properties, options: Options) -> Properties:
    """Queue the runs."""
    del options
    return {**job, "queue": {"enabled": True}}


def max_concurrent_runs_limited(job: Properties, options: Options) -> Iterator[Violation]:
    """Find a job that may run more often at once than the team allows."""
    limit, wanted = options["limit"], job.get("max_concurrent_runs")
    if isinstance(wanted, int | float) and wanted > limit:
        yield Violation(("max_concurrent_runs",), f"{wanted:g} is more than the {limit} that are allowed")


def task_retries_bounded(job: Properties, options: Options) -> Iterator[Violation]:
    """Find tasks that retry without end, more often than allowed, or after a time-out that nobody thought of."""
    limit = options["limit"]
    for path, task in tasks(job):
        retries = task.get("max_retries")
        if not isinstance(retries, int | float) or retries == 0:
            continue
        if retries < 0:
            yield Violation((*path, "max_retries"), f"retries without end; the limit is {limit}")
        elif retries > limit:
            yield Violation((*path, "max_retries"), f"{retries:g} is more than the {limit} that are allowed")
        if task.get("retry_on_timeout") is None:
            yield Violation((*path, "retry_on_timeout"), "is not set; say whether a time-out is retried too")


def failure_notification_present(job: Properties, options: Options) -> Iterator[Violation]:
    """Find a job whose failure nobody is told of."""
    del options
    if not (_notifies(job) or every_task(job, _notifies)):
        yield Violation(("webhook_notifications", "on_failure"), "nobody is told of a failure; name a destination")


def no_schedule_of_its_own(job: Properties, options: Options) -> Iterator[Violation]:
    """Find a job that starts by itself although Airflow starts it."""
    del options
    for path, starter in starters(job):
        if isinstance(starter, Mapping) and starter.get("pause_status") not in ("PAUSED", UNKNOWN):
            yield Violation(path, "Airflow starts this job; with a schedule of its own it runs twice: leave it out")


def _may_be_continuous(path: Path, starter: Value) -> bool:
    if path[0] == "triggers" and starter is UNKNOWN:
        return True
    return path == ("continuous",) or (isinstance(starter, Mapping) and starter.get("continuous") is not None)


def _notifies(holder: Properties) -> bool:
    for kind in ("email_notifications", "webhook_notifications"):
        notifications = holder.get(kind)
        if notifications is UNKNOWN or (isinstance(notifications, Mapping) and notifications.get("on_failure")):
            return True
    return False


POLICIES: Final = (
    ResourcePolicy(
        "job-timeout-set", "A job, or each of its tasks, has a time-out", "mandatory", (JOB,), job_timeout_set
    ),
    ResourcePolicy(
        "job-queue-enabled",
        "A run above max_concurrent_runs is queued, not skipped",
        "advisory",
        (JOB,),
        job_queue_enabled,
        remedy=enable_queue,
    ),
    ResourcePolicy(
        "max-concurrent-runs-limited",
        "A job runs at most so many times at once",
        "mandatory",
        (JOB,),
        max_concurrent_runs_limited,
        (number("limit", 10, "The highest max_concurrent_runs."),),
    ),
    ResourcePolicy(
        "task-retries-bounded",
        "Retries have a limit, and say whether a time-out is retried",
        "advisory",
        (JOB,),
        task_retries_bounded,
        (number("limit", 3, "The highest max_retries."),),
    ),
    ResourcePolicy(
        "failure-notification-present",
        "Somebody is told when a job fails",
        "advisory",
        (JOB,),
        failure_notification_present,
    ),
    ResourcePolicy(
        "no-schedule-of-its-own",
        "A job that Airflow starts has no schedule, trigger or continuous mode",
        "advisory",
        (JOB,),
        no_schedule_of_its_own,
    ),
)
