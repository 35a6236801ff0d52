"""What an operator asks Airflow about its task instance."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import airflow.sdk

from airbrick.operators.kill import person_acted
from airbrick.operators.submission.decide import Attempt
from airbrick.operators.submission.record import RecordStore, StateStore
from airbrick.operators.submission.statement_record import StatementStore

if TYPE_CHECKING:
    from airflow.sdk import Context

_NEXT_ATTEMPT: Final = frozenset({"scheduled", "queued"})


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A task instance, as far as it decides anything here.

    :param map_index: -1 for a task that is not mapped.
    :param attempt: this attempt's times and counters.
    """

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    max_tries: int
    attempt: Attempt

    @classmethod
    def of(cls, context: "Context") -> "TaskFacts":
        """Read the facts from a task's context."""
        ti: Any = context["ti"]
        dag_run: Any = context["dag_run"]
        clear_number = getattr(dag_run, "clear_number", None)
        return cls(
            dag_id=str(ti.dag_id),
            run_id=str(ti.run_id),
            task_id=str(ti.task_id),
            map_index=-1 if ti.map_index is None else int(ti.map_index),
            max_tries=int(ti.max_tries),
            attempt=Attempt(
                try_number=int(ti.try_number),
                started_at=_timestamp(ti.start_date) or 0.0,
                dag_run_started_at=_timestamp(getattr(dag_run, "start_date", None)),
                clear_number=None if clear_number is None else int(clear_number),
            ),
        )


def record_store(context: "Context") -> RecordStore:
    """Give what remembers a task's run, or nothing where Airflow has no task state store (before 3.3)."""
    return RecordStore(_store(context), never_expire=_never_expire())


def statement_store(context: "Context") -> StatementStore:
    """Give what remembers a task's statement, or nothing where Airflow has no task state store (before 3.3)."""
    return StatementStore(_store(context), never_expire=_never_expire())


def _store(context: "Context") -> StateStore | None:
    store: Any = context.get("task_state_store")
    given: StateStore | None = store
    return given


def _never_expire() -> object:
    # The record must outlive the longest run; it goes with its dag run.
    return getattr(airflow.sdk, "NEVER_EXPIRE", None)


def ti_state(facts: TaskFacts) -> tuple[str | None, bool]:
    """Ask Airflow for the task instance's state, from a worker.

    :returns: the state, and whether the task instance exists.
    """
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    states = RuntimeTaskInstance.get_task_states(
        dag_id=facts.dag_id, task_ids=[facts.task_id], run_ids=[facts.run_id], map_index=facts.map_index
    )
    return state_among(states, facts.run_id, facts.task_id, facts.map_index)


def ended_by_person(facts: TaskFacts) -> bool:
    """Ask Airflow whether a person ended the task instance, from a worker; raises where Airflow cannot tell."""
    state, found = ti_state(facts)
    if state in _NEXT_ATTEMPT:
        # By itself the scheduler tries a task again whose worker it took for lost: a clear of one that runs makes
        # "restarting" of it as long as its process lives. But the dag run may have been made again, or cleared since.
        return not _is_dag_run_of(facts)
    return person_acted(state, found=found)


def _is_dag_run_of(facts: TaskFacts) -> bool:
    try:
        from airflow.sdk.execution_time.comms import GetDagRun
    except ImportError:
        # Airflow 3.1. The next attempt finds the run, whoever made it.
        return True
    from airflow.sdk.execution_time import task_runner

    dag_run: Any = task_runner.SUPERVISOR_COMMS.send(GetDagRun(dag_id=facts.dag_id, run_id=facts.run_id))
    attempt = facts.attempt
    began = (attempt.dag_run_started_at, attempt.clear_number)
    return (_timestamp(dag_run.start_date), getattr(dag_run, "clear_number", None)) == began


def pull_own_xcom(ti: Any, key: str) -> Any:  # noqa: ANN401 -- Airflow's runtime task instance; any JSON value
    """Pull what this task instance pushed: by default Airflow gives what all instances of a mapped task pushed."""
    map_index = -1 if ti.map_index is None else ti.map_index
    return ti.xcom_pull(task_ids=ti.task_id, key=key, map_indexes=map_index)


def push_plain_xcom(ti: Any, key: str, value: str) -> None:  # noqa: ANN401 -- Airflow's runtime task instance
    """Push an XCom that Airflow's web server reads itself.

    It goes past a custom XCom backend, whose references the web server would show as they are; Airflow writes
    operator links in the same way when a task ends.
    """
    from airflow.sdk.bases.xcom import BaseXCom

    write = getattr(BaseXCom, "_set_xcom_in_db", None)
    if write is None:
        ti.xcom_push(key=key, value=value)
        return
    map_index = -1 if ti.map_index is None else ti.map_index
    write(key=key, value=value, dag_id=ti.dag_id, task_id=ti.task_id, run_id=ti.run_id, map_index=map_index)


def state_among(states: dict[str, Any], run_id: str, task_id: str, map_index: int | None) -> tuple[str | None, bool]:
    """Pick one task instance's state from an answer of Airflow's API.

    Source: airflow.api_fastapi.execution_api.routes.task_instances.get_task_instance_states: the states of mapped
    task instances stand under ``<task_id>_<map_index>``.
    """
    of_run = states.get(run_id) or {}
    name = task_id if map_index is None or map_index < 0 else f"{task_id}_{map_index}"
    if name not in of_run:
        return None, False
    state = of_run[name]
    return (None if state is None else str(getattr(state, "value", state))), True


def _timestamp(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
