"""What happens to a run when its task's process is told to stop."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from airbrick.operators.errors import TaskEndedError

_ANSWER_WAIT_S: Final = 60.0
_CANCEL_WAIT_S: Final = 30.0

# A task in one of these states was not ended by a person: its process is stopped by a deploy, an eviction, or an
# API server that cannot be reached. "deferred" and "running" are the task going on elsewhere.
_GOING_ON: Final = frozenset({"running", "deferred"})


def person_acted(state: str | None, *, found: bool) -> bool:
    """Tell from a task instance's state whether a person ended it.

    :param state: the state Airflow's API gives; ``None`` right after a clear.
    :param found: whether the task instance still exists; it goes with a deleted dag run.
    """
    return not found or state not in _GOING_ON


class KillSwitch:
    """Cancels a run in the background, but only for a person.

    A signal handler may not ask Airflow's API itself, because the signal may have cut a question short. So a thread
    asks, and the worker's waiting ends early.

    :param asked_by_person: asks Airflow whether a person ended the task; may raise when Airflow cannot tell.
    :param cancel: cancels a run.
    """

    def __init__(
        self, *, asked_by_person: Callable[[], bool], cancel: Callable[[int], None], log: logging.Logger
    ) -> None:
        self._asked_by_person = asked_by_person
        self._cancel = cancel
        self._log = log
        self._run_id: int | None = None
        self._to_cancel = False
        self._ended = False
        self._known = threading.Event()
        self._thread: threading.Thread | None = None
        self._confirmed = threading.Event()

    def run_known(self, run_id: int) -> None:
        """Say which run to cancel; once more when it was repaired, or when another has taken its place."""
        self._run_id = run_id
        self._to_cancel = True
        self._known.set()

    def run_ended(self) -> None:
        """Say that there is nothing left to cancel."""
        self._ended = True

    def pull(self) -> None:
        """Find out who stops the task, and cancel the run for a person. Returns at once."""
        if self._ended or self._thread is not None:
            return
        self._thread = threading.Thread(target=self._work, name="airbrick-kill", daemon=True)
        self._thread.start()

    def sleep(self, seconds: float) -> None:
        """Wait, unless a person ends the task meanwhile.

        :raises TaskEndedError: a person ended the task.
        """
        if self._confirmed.wait(seconds):
            raise TaskEndedError

    def close(self) -> None:
        """Let a cancel that is under way be sent: Airflow ends a task's process without waiting for its threads."""
        self._known.set()
        if self._thread is None:
            return
        self._thread.join(_CANCEL_WAIT_S)
        if self._confirmed.is_set():
            # The answer to a request that was under way may have come after the cancel of the run before.
            self._send()

    def _work(self) -> None:
        try:
            if not self._asked_by_person():
                self._log.info("the process is told to stop, but nobody ended the task: the run goes on")
                return
        except Exception:  # noqa: BLE001 -- whatever Airflow's client raises: it could not tell
            self._log.warning("cannot tell who stops the task: the run goes on", exc_info=True)
            return
        self._confirmed.set()
        # A request for a run may be under way: its answer names the run to cancel.
        self._known.wait(_ANSWER_WAIT_S)
        self._send()

    def _send(self) -> None:
        if self._run_id is None or self._ended or not self._to_cancel:
            return
        # In this order: what becomes known meanwhile is cancelled twice rather than not at all.
        self._to_cancel = False
        run_id = self._run_id
        self._log.info("the task was ended by a person: cancelling run %s", run_id)
        try:
            self._cancel(run_id)
        except Exception:  # noqa: BLE001 -- said, and there is nobody to raise to
            self._log.exception("run %s could not be cancelled; it may still be running", run_id)
