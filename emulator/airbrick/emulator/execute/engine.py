"""Drives executed runs: starts each task when its turn comes, stops it when it must end, records what it did."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from airbrick.emulator.access import readable_secrets
from airbrick.emulator.behaviour import FAILED_MESSAGE
from airbrick.emulator.errors import StateError
from airbrick.emulator.execute.environments import EnvironmentFolder
from airbrick.emulator.execute.process import TaskProcess
from airbrick.emulator.execute.refusal import CannotExecuteError
from airbrick.emulator.execute.sql import SqlProcess, SqlProgram
from airbrick.emulator.execute.tasks import Program, program_of
from airbrick.emulator.results import Result
from airbrick.emulator.run_view import RunView
from airbrick.emulator.timeline import NEVER, Attempt, Output

if TYPE_CHECKING:
    from airbrick.emulator.execute.process import Ended
    from airbrick.emulator.run import Run
    from airbrick.emulator.store import Store
    from airbrick.emulator.timeline import TaskRunKey

_POLL_INTERVAL_S = 0.02
_JOIN_TIMEOUT_S = 10.0


class LocalEngine:
    """Executes Python tasks in processes on this machine; one thread drives one run.

    :param store: the workspace
    :param data_dir: a folder that all tasks share; None for a new one that ends with the emulator
    :param max_processes: how many tasks run at the same time
    """

    def __init__(self, store: Store, *, data_dir: Path | None = None, max_processes: int = 8) -> None:
        root = Path(tempfile.mkdtemp(prefix="airbrick-emulator-"))
        self.data_dir = (data_dir or root / "data").absolute()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._shared = _Shared(store, root, self.data_dir, threading.BoundedSemaphore(max_processes))
        self._closing = threading.Event()
        self._drivers: set[threading.Thread] = set()

    def start(self, run: Run) -> None:
        """Begin to execute a run that was admitted, under the store's lock.

        A run that is repaired before its driver saw its end keeps that driver.
        """
        if run in self._shared.driven:
            return
        self._shared.driven.add(run)
        driver = threading.Thread(target=self._drive, args=(run,), name=f"airbrick-run-{run.run_id}", daemon=True)
        driver.start()
        # Who waits for all that is here must not meet one that has not begun.
        self._drivers.add(driver)

    def wait(self, timeout_s: float) -> bool:
        """Wait until no run is executed; tell whether that was reached."""
        deadline_s = time.monotonic() + timeout_s
        while drivers := list(self._drivers):
            drivers[0].join(max(0.0, deadline_s - time.monotonic()))
            if drivers[0].is_alive():
                return False
            self._drivers.discard(drivers[0])
        return True

    def stop_all(self) -> None:
        """Kill what is executed and remove the folders that the engine made."""
        self._closing.set()
        for driver in list(self._drivers):
            driver.join(_JOIN_TIMEOUT_S)
        shutil.rmtree(self._shared.root, ignore_errors=True)

    def _drive(self, run: Run) -> None:
        driver = _Driver(self._shared, run)
        try:
            while not self._closing.is_set() and driver.step():
                self._closing.wait(_POLL_INTERVAL_S)
        except Exception:  # noqa: BLE001 - a defect must end the run, and must be seen
            traceback.print_exc()
            driver.abandon()
        finally:
            driver.kill_all()
            self._drivers.discard(threading.current_thread())


@dataclass(frozen=True, slots=True)
class _Shared:
    """What drivers have in common; ``driven`` are the runs that have one, under the store's lock."""

    store: Store
    root: Path
    data_dir: Path
    slots: threading.Semaphore
    driven: set[Run] = field(default_factory=set)


class _Driver:
    def __init__(self, shared: _Shared, run: Run) -> None:
        self._shared = shared
        self._store = shared.store
        self._run = run
        self._environments = EnvironmentFolder(shared.root / "environments")
        self._processes: dict[TaskRunKey, TaskProcess | SqlProcess] = {}
        self._timed_out: set[TaskRunKey] = set()
        self._stopped: dict[TaskRunKey, Attempt] = {}

    def step(self) -> bool:
        """Do what is due; tell whether there is more to come."""
        for key, process in list(self._processes.items()):
            if process.ended():
                self._finish(key, process)
        with self._store.lock:
            now = self._store.advance()
            if self._run.end_s <= now and not self._processes:
                self._shared.driven.discard(self._run)
                return False
            attempts = self._open_attempts()
        for key, attempt in attempts.items():
            self._tend(key, attempt, now)
        return True

    def abandon(self) -> None:
        """Fail what is open, and what opens when that failed: nobody else would end it."""
        self.kill_all()
        with self._store.lock:
            while attempts := self._open_attempts():
                for key, attempt in attempts.items():
                    self._fail(key, attempt, "Defect in the airbrick emulator; see its output.", "INTERNAL_ERROR")
            self._shared.driven.discard(self._run)

    def kill_all(self) -> None:
        """Kill every process."""
        for process in self._processes.values():
            process.kill()
            process.collect()
            self._shared.slots.release()
        self._processes.clear()

    def _open_attempts(self) -> dict[TaskRunKey, Attempt]:
        return {key: attempt for key, attempt in self._run.attempts() if attempt.real and attempt.end_s == NEVER}

    def _tend(self, key: TaskRunKey, attempt: Attempt, now: float) -> None:
        process = self._processes.get(key)
        if now >= attempt.stopping_s:
            if process is None:
                self._record(key, replace(attempt, end_s=now))
            else:
                self._stopped[key] = attempt
                process.stop()
        elif process is None:
            if now >= attempt.start_s and self._shared.slots.acquire(blocking=False):
                self._launch(key, attempt)
        elif self._past_deadline(key, attempt, now):
            self._timed_out.add(key)
            process.stop()

    def _past_deadline(self, key: TaskRunKey, attempt: Attempt, now: float) -> bool:
        node = self._run.version.node(key)
        return node is not None and 0 < node.timeout_s <= now - attempt.start_s

    def _launch(self, key: TaskRunKey, attempt: Attempt) -> None:
        try:
            program = self._program(key)
            # Before it begins: whoever comes back to the workspace must not begin it a second time.
            self._begun(key, attempt)
            process = self._started(program)
        except StateError as error:
            self._shared.slots.release()
            self._fail(key, attempt, str(error), "INTERNAL_ERROR")
        except CannotExecuteError as error:
            self._shared.slots.release()
            self._fail(key, attempt, str(error), error.code)
        except OSError as error:
            self._shared.slots.release()
            self._fail(key, attempt, f"The airbrick emulator could not start a process: {error}", "DRIVER_ERROR")
        else:
            self._processes[key] = process

    def _begun(self, key: TaskRunKey, attempt: Attempt) -> None:
        with self._store.lock:
            now = self._store.advance()
            self._store.record(self._run, key, replace(_fresh(attempt), running_s=max(now, attempt.start_s)))

    def _started(self, program: Program | SqlProgram) -> TaskProcess | SqlProcess:
        if isinstance(program, SqlProgram):
            with self._store.lock:
                return SqlProcess(program, self._store.statements)
        folder = Path(tempfile.mkdtemp(dir=self._shared.root, prefix="task-"))
        return TaskProcess(program, folder, self._shared.data_dir, self._environments)

    def _program(self, key: TaskRunKey) -> Program | SqlProgram:
        with self._store.lock:
            view = RunView(self._store.clock.now()).task_view(self._run, key)
            return program_of(view, self._store.files, readable_secrets(self._store, self._run.runs_as))

    def _fail(self, key: TaskRunKey, attempt: Attempt, message: str, code: str) -> None:
        output = Output(error=message, termination_code=code, termination_type="CLIENT_ERROR")
        with self._store.lock:
            now = max(self._store.advance(), attempt.start_s)
            failed = replace(_fresh(attempt), running_s=now, end_s=now, result=Result.FAILED)
            self._record(key, replace(failed, message=message, output=output))

    def _finish(self, key: TaskRunKey, process: TaskProcess | SqlProcess) -> None:
        ended = process.collect()
        del self._processes[key]
        self._shared.slots.release()
        with self._store.lock:
            now = self._store.advance()
            attempt = self._run.current.attempt(key)
            if attempt is None:
                raise AssertionError(f"{key} ended and never began")
            self._record(key, self._finished(key, attempt, ended, now))

    def _finished(self, key: TaskRunKey, attempt: Attempt, ended: Ended, now: float) -> Attempt:
        end_s = max(now, attempt.running_s)
        logs = Output(logs=ended.output.logs, logs_truncated=ended.output.logs_truncated)
        if key in self._stopped:
            return replace(self._stopped[key], end_s=end_s, output=logs)
        if key in self._timed_out:
            message = "Run exceeded its timeout."
            return replace(attempt, end_s=end_s, result=Result.TIMEDOUT, message=message, output=logs)
        result = Result.FAILED if ended.failed else Result.SUCCESS
        message = FAILED_MESSAGE if ended.failed else ""
        return replace(attempt, end_s=end_s, result=result, message=message, output=ended.output)

    def _record(self, key: TaskRunKey, attempt: Attempt) -> None:
        # A journal that broke said so already; who watches the run sees its end all the same.
        with self._store.lock, contextlib.suppress(StateError):
            self._store.record(self._run, key, attempt)
        with self._store.lock:
            self._store.advance()


def _fresh(attempt: Attempt) -> Attempt:
    # The run's timeline shows an open attempt as the job's timeout would end it; what is recorded must not know that.
    return Attempt(attempt.number, attempt.start_s, NEVER, NEVER, Result.SUCCESS, real=True)
