"""What happens to a run or a statement when its task's process is told to stop."""

import logging
import threading
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from airbrick.operators.errors import TaskEndedError

_T = TypeVar("_T")

_ANSWER_WAIT_S: Final = 60.0
_CANCEL_WAIT_S: Final = 30.0

# A task in one of these states was not ended by a person: its process is stopped by a deploy, an eviction, or an
# API server that cannot be reached. "deferred" and "running" are the task going on elsewhere; "up_for_retry" is the
# scheduler's word, which took the process for lost: a person's clear makes "restarting" or no state of a task.
_GOING_ON: Final = frozenset({"running", "deferred", "up_for_retry"})


def person_acted(state: str | None, *, found: bool) -> bool:
    """Tell from a task instance's state whether a person ended it.

    :param state: the state Airflow's API gives; ``None`` right after a clear.
    :param found: whether the task instance still exists; it goes with a deleted dag run.
    """
    return not found or state not in _GOING_ON


class KillSwitch(Generic[_T]):
    """Cancels what a task waits for, in the background, and where it can be found again only for a person.

    A signal handler may not ask Airflow's API itself, because the signal may have cut a question short. So a thread
    asks, and the worker's waiting ends early.

    :param asked_by_person: asks Airflow whether a person ended the task; may raise when Airflow cannot tell. ``None``
        cancels whoever stops the task.
    :param cancel: cancels it.
    :param kind: what it is, as logs call it.
    """

    def __init__(
        self,
        *,
        asked_by_person: Callable[[], bool] | None,
        cancel: Callable[[_T], None],
        log: logging.Logger,
        kind: str = "run",
    ) -> None:
        self._asked_by_person = asked_by_person
        self._cancel = cancel
        self._log = log
        self._kind = kind
        self._name: _T | None = None
        self._to_cancel = False
        self._ended = False
        self._known = threading.Event()
        self._thread: threading.Thread | None = None
        self._confirmed = threading.Event()

    def known(self, name: _T) -> None:
        """Say what to cancel; once more when a run was repaired, or when another has taken its place."""
        self._name = name
        self._to_cancel = True
        self._known.set()

    def ended(self) -> None:
        """Say that there is nothing left to cancel."""
        self._ended = True

    def pull(self) -> None:
        """Find out who stops the task, and cancel what it waits for if that is wanted. Returns at once.

        A signal that nobody meant, such as a deploy's, may be followed by one that a person did.
        """
        if self._ended or self._confirmed.is_set() or (self._thread is not None and self._thread.is_alive()):
            return
        # Another signal may come between these lines; each starts its own.
        thread = self._thread = threading.Thread(target=self._work, name="airbrick-kill", daemon=True)
        thread.start()

    def person_ended(self) -> bool:
        """Ask whether a person ended the task; where that cannot be told, nobody did."""
        try:
            return self._asked_by_person is not None and self._asked_by_person()
        except Exception as error:  # noqa: BLE001 -- whatever Airflow's client raises: it could not tell
            self._log.warning("cannot tell whether the task goes on: %s", error)
            return False

    def sleep(self, seconds: float) -> None:
        """Wait, unless the task is ended meanwhile.

        :raises TaskEndedError: the task was ended, and what it waited for is being cancelled.
        """
        if self._confirmed.wait(seconds):
            raise TaskEndedError

    def settle(self) -> None:
        """Let a signal that came be answered before this thread asks Airflow for more.

        Airflow kills the process a few seconds after the signal, and takes one question of it at a time.

        :raises TaskEndedError: the task was ended, and what it waited for is cancelled.
        """
        if self._thread is not None:
            self._thread.join(_CANCEL_WAIT_S)
            self.sleep(0)

    def close(self, *, failed: bool) -> None:
        """Let a cancel that is under way be sent: Airflow ends a task's process without waiting for its threads.

        :param failed: whether the task fails, as it does once a person has ended it: Airflow takes nothing more from
            it, and tells its process to stop only later.
        """
        if failed and self._to_cancel:
            self.pull()
        self._known.set()
        if self._thread is None:
            return
        self._thread.join(_CANCEL_WAIT_S)
        if self._confirmed.is_set():
            # The answer to a request that was under way may have come after the cancel of the run before.
            self._send()

    def _work(self) -> None:
        try:
            if self._asked_by_person is not None and not self._asked_by_person():
                self._log.info("the process is told to stop, but nobody ended the task: the %s goes on", self._kind)
                return
        except Exception:  # noqa: BLE001 -- whatever Airflow's client raises: it could not tell
            self._log.warning("cannot tell who stops the task: the %s goes on", self._kind, exc_info=True)
            return
        self._confirmed.set()
        # A request may be under way: its answer names what to cancel.
        self._known.wait(_ANSWER_WAIT_S)
        self._send()

    def _send(self) -> None:
        if self._name is None or self._ended or not self._to_cancel:
            return
        # In this order: what becomes known meanwhile is cancelled twice rather than not at all.
        self._to_cancel = False
        name = self._name
        self._log.info("the task was ended: cancelling %s %s", self._kind, name)
        try:
            self._cancel(name)
        except Exception:  # noqa: BLE001 -- said, and there is nobody to raise to
            self._log.exception("%s %s could not be cancelled; it may still be running", self._kind, name)
