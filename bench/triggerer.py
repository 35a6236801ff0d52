"""Airflow's trigger runner, whose supervisor answers from memory: the loop that triggers live in, without a database.

It runs in a process of its own, because what is measured is that process.
"""

import asyncio
import gc
import logging
import os
import resource
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from airflow.executors.workloads.task import TaskInstanceDTO
from airflow.executors.workloads.trigger import RunTrigger
from airflow.jobs.triggerer_job_runner import TriggerRunner, messages
from airflow.models.trigger import Trigger
from airflow.sdk.execution_time import task_runner
from airflow.sdk.log import configure_logging, reset_logging
from airflow.triggers.base import BaseTrigger, TriggerEvent

STARTED_AT_ONCE = 50
"""Triggers that a triggerer takes on between two looks into the database. Source: airflow.cfg of Airflow 3.3,
``[scheduler] max_trigger_to_select_per_loop``."""

AWAITING = "bench.triggerer.AwaitTrigger"


class AwaitTrigger(BaseTrigger):
    """Only awaits: what Airflow itself spends on a trigger.

    :param seconds: until its event.
    """

    def __init__(self, *, seconds: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.seconds = seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Give what the triggerer makes the trigger from."""
        return AWAITING, {"seconds": self.seconds}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait."""
        await asyncio.sleep(self.seconds)
        yield TriggerEvent({"seconds": self.seconds})  # type: ignore[no-untyped-call]


def workload(number: int, classpath: str, arguments: Mapping[str, Any]) -> RunTrigger:
    """Give what a triggerer gets to start one trigger."""
    described = TaskInstanceDTO(
        id=uuid.uuid4(),
        task_id=f"task_{number}",
        dag_id="bench",
        run_id="scheduled__2026-01-01T00:00:00+00:00",
        try_number=1,
        dag_version_id=uuid.uuid4(),
        pool_slots=1,
        priority_weight=1,
    )
    kwargs = Trigger.encrypt_kwargs(dict(arguments))
    return RunTrigger(id=number, classpath=classpath, encrypted_kwargs=kwargs, ti=described)


@dataclass
class Supervisor:
    """The other end of the runner's pipe.

    :param events: the payload of each trigger's event, by trigger.
    :param failures: why a trigger failed, by trigger.
    """

    events: dict[int, Any] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _coming: "deque[RunTrigger]" = field(default_factory=deque)
    _reader_task: "asyncio.Task[bool] | None" = None

    @property
    def all_started(self) -> bool:
        """Tell whether every trigger was handed over."""
        return not self._coming

    def start(self, workloads: Iterable[RunTrigger]) -> None:
        """Have triggers started, as fast as a triggerer takes them on."""
        self._coming.extend(workloads)

    def listen(self) -> None:
        """Keep the task that the runner looks after."""
        self._reader_task = asyncio.get_running_loop().create_task(asyncio.Event().wait())

    def send(self, message: Any) -> Any:
        """Answer what is asked with a blocking call: a secret to be masked."""
        assert type(message).__name__ == "MaskSecret", message

    async def asend(self, message: Any) -> Any:
        """Answer the runner."""
        if not isinstance(message, messages.TriggerStateChanges):
            return self.send(message)
        self.events |= {entry.trigger_id: entry.event.payload for entry in message.events or ()}
        self.failures |= {number: "".join(trace or ["no event"]) for number, trace in message.failures or ()}
        if message.events or message.failures:
            self.arrived.set()
        batch = [self._coming.popleft() for _ in range(min(STARTED_AT_ONCE, len(self._coming)))]
        return messages.TriggerStateSync(to_create=batch, to_cancel=set())

    async def ended(self, number: int) -> None:
        """Wait until so many triggers have ended."""
        while len(self.events) + len(self.failures) < number:
            self.arrived.clear()
            await self.arrived.wait()


class Runner(TriggerRunner):
    """Airflow's runner, with that supervisor."""

    def __init__(self, supervisor: Supervisor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._supervisor = supervisor

    async def init_comms(self) -> None:
        """Meet the supervisor."""
        self._supervisor.listen()
        decoder: Any = self._supervisor
        self.comms_decoder = task_runner.SUPERVISOR_COMMS = decoder


async def with_runner(work: Callable[[Supervisor], Any]) -> Any:
    """Do work while the runner runs."""
    supervisor = Supervisor()
    runner = Runner(supervisor)
    running = asyncio.create_task(runner.arun())  # type: ignore[no-untyped-call]
    try:
        return await work(supervisor)
    finally:
        runner._handle_signal(15, None)  # noqa: SLF001 -- as SIGTERM does
        await running


class Stalls:
    """How long the loop did nothing but one turn."""

    def __init__(self) -> None:
        self._collecting_s = self._since_s = 0.0
        self.reset()
        gc.callbacks.append(self._collected)

    def reset(self) -> None:
        """Forget what was."""
        self.longest_s = 0.0
        """The longest turn."""
        self.working_s = 0.0
        """The longest turn without what Python's garbage collector took of it."""

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Time the turns of a loop: from what it waited for to where it waits again."""
        selector: Any = loop._selector  # type: ignore[attr-defined]  # noqa: SLF001 -- asyncio offers no other place
        select = selector.select
        woke_s = time.perf_counter()

        def timed(timeout: float | None = None) -> Any:
            nonlocal woke_s
            turn_s = time.perf_counter() - woke_s
            self.longest_s = max(self.longest_s, turn_s)
            self.working_s = max(self.working_s, turn_s - self._collecting_s)
            found = select(timeout)
            self._collecting_s = 0.0
            woke_s = time.perf_counter()
            return found

        selector.select = timed

    def _collected(self, phase: str, _: object) -> None:
        now_s = time.perf_counter()
        if phase == "start":
            self._since_s = now_s
        else:
            self._collecting_s += now_s - self._since_s


def cpu_s() -> float:
    """Give the processor time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def rss_kb() -> float:
    """Give the resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024


def log_as_triggerer() -> None:
    """Log as the triggerer's process does, into nothing."""
    reset_logging()  # type: ignore[no-untyped-call]
    nothing = Path(os.devnull).open("wb", buffering=0)  # noqa: SIM115 -- as long as the process lives
    configure_logging(json_output=True, output=nothing, sending_to_supervisor=True)
    logging.captureWarnings(capture=True)
