"""Airflow's own trigger runner, and Airflow's own answers about the task."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.operators.tasks import TaskUnderTest


@contextmanager
def airflows_answers(task: TaskUnderTest) -> Iterator[None]:
    """Answer what a trigger asks through the real execution API."""
    import psutil
    import structlog
    from airflow.sdk.execution_time.supervisor import (
        InProcessSupervisorComms,
        InProcessTestSupervisor,
        set_supervisor_comms,
    )

    class Comms(InProcessSupervisorComms):
        async def asend(self, message: Any) -> Any:
            return self.send(message)

    described: Any = task.described()
    kind: Any = InProcessTestSupervisor
    supervisor = kind(
        id=described.id,
        pid=1,
        process=psutil.Process(),
        process_log=structlog.get_logger(),
        client=kind._api_client(),
    )
    supervisor.comms = Comms(supervisor=supervisor)
    with set_supervisor_comms(supervisor.comms):
        yield


async def run_until(trigger: Any, described: Any, ready: Callable[[], bool], *, message: str | None) -> Any:
    """Run a trigger in Airflow's trigger runner and end it from outside."""
    from airflow.jobs import triggerer_job_runner

    kind: Any = triggerer_job_runner.TriggerRunner
    runner = kind()
    trigger.task_instance = described
    runner.triggers[1] = {"name": "test", "events": 0, "is_watcher": False}
    task = asyncio.create_task(runner.run_trigger(1, trigger))
    runner.triggers[1]["task"] = task
    while not ready() and not task.done():  # noqa: ASYNC110 -- what it waits for happens in the workspace
        await asyncio.sleep(0.01)
    if message is not None:
        task.cancel(message)
    await asyncio.wait([task])
    return runner


def user_action() -> str:
    from airflow.jobs import triggerer_job_runner

    return str(triggerer_job_runner._USER_ACTION_CANCEL_MSG)
