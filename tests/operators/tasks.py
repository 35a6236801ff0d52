"""Tasks in a real Airflow: DAG files, task runner, execution API and metadata database, without a scheduler."""

import asyncio
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from tests.operators.helpers import Job, contract_of

from airbrick.contract import write
from airbrick.emulator import Emulator


@dataclass
class Ended:
    """How one execution of a task in the task runner ended.

    :param message: what the task runner sent to Airflow, such as ``DeferTask``.
    :param operator: the operator that was executed.
    """

    state: str
    message: Any
    error: BaseException | None
    operator: Any


class TaskUnderTest:
    """One task instance of one dag run, executed step by step as Airflow's scheduler and triggerer would."""

    def __init__(self, dag: Any, task_id: str, run_id: str, map_index: int = -1) -> None:
        self.dag, self.task_id, self.run_id, self.map_index = dag, task_id, run_id, map_index

    def attempt(self) -> Ended:
        """Start the next attempt."""
        self.queue()
        return self._run()

    def queue(self) -> None:
        """Prepare the next attempt for a worker."""
        self._update(new_attempt=True, next_method=None, next_kwargs=None)

    def resume(self, event: Mapping[str, Any], *, method: str = "resume", new_attempt: bool = False) -> Ended:
        """Go on after a trigger's event, as Airflow does.

        :param new_attempt: whether it is the next attempt that goes on so: Airflow starts a task that was cleared
            while it reported where it had been resumed.
        """
        from airflow.sdk.serde import serialize

        kwargs = {"event": serialize(dict(event))}
        self._update(next_method=method, next_kwargs=kwargs, new_attempt=new_attempt)
        return self._run()

    def trigger_failed(
        self, error: str = "Trigger failure", traceback: Sequence[str] = ("boom\n",), *, new_attempt: bool = False
    ) -> Ended:
        """Go on after the trigger raised, as Airflow does.

        :param new_attempt: as for :meth:`resume`.
        """
        kwargs = {"error": error, "traceback": list(traceback)}
        self._update(next_method="__fail__", next_kwargs=kwargs, new_attempt=new_attempt)
        return self._run()

    def watch(self, deferred: Ended) -> dict[str, Any]:
        """Run the trigger of a deferred task until its event."""
        trigger = trigger_of(deferred)

        async def first() -> Any:
            async for event in trigger.run():
                return event
            return None

        event = asyncio.run(first())
        return dict(event.payload)

    def to_the_end(self, ended: Ended) -> Ended:
        """Let trigger and worker take turns until the task is not deferred any more."""
        while ended.state == "deferred":
            ended = self.resume(self.watch(ended))
        return ended

    def clear(self) -> None:
        """Clear the task instance as a person does in Airflow's page."""
        from airflow.models.taskinstance import clear_task_instances
        from airflow.utils.session import create_session

        with create_session() as session:
            clear_task_instances([self._ti(session)], session)
        self.set_dag_run_running()

    def set_dag_run_running(self) -> None:
        from airflow.utils.session import create_session
        from airflow.utils.state import DagRunState

        with create_session() as session:
            dag_run = self._ti(session).dag_run
            if dag_run.state == DagRunState.QUEUED:
                dag_run.set_state(DagRunState.RUNNING)

    def set_state(self, state: str | None) -> None:
        from airflow.utils.session import create_session

        with create_session() as session:
            self._ti(session).state = state

    def started_earlier(self, seconds: float) -> None:
        """Let the present attempt have started earlier than it did."""
        from airflow.utils.session import create_session

        with create_session() as session:
            ti = self._ti(session)
            ti.start_date -= timedelta(seconds=seconds)

    def xcoms(self) -> dict[str, Any]:
        from airflow.models.xcom import XComModel
        from airflow.utils.session import create_session
        from sqlalchemy import select

        with create_session() as session:
            rows = session.scalars(
                select(XComModel).where(
                    XComModel.dag_id == self.dag.dag_id,
                    XComModel.run_id == self.run_id,
                    XComModel.task_id == self.task_id,
                    XComModel.map_index == self.map_index,
                )
            )
            return {row.key: XComModel.deserialize_value(row) for row in rows}

    def _ti(self, session: Any) -> Any:
        from airflow.models.taskinstance import TaskInstance
        from sqlalchemy import select

        return session.scalars(
            select(TaskInstance).where(
                TaskInstance.dag_id == self.dag.dag_id,
                TaskInstance.run_id == self.run_id,
                TaskInstance.task_id == self.task_id,
                TaskInstance.map_index == self.map_index,
            )
        ).one()

    def _update(self, *, next_method: str | None, next_kwargs: Any, new_attempt: bool = False) -> None:
        from airflow.utils.session import create_session

        with create_session() as session:
            ti = self._ti(session)
            if new_attempt:
                if ti.state is not None:
                    ti.prepare_db_for_next_try(session)
                ti.try_number += 1
            ti.state = "queued"
            ti.next_method, ti.next_kwargs = next_method, next_kwargs

    def described(self) -> Any:
        """Give the task instance as Airflow describes it to workers and triggers."""
        from airflow.sdk.api.datamodels._generated import TaskInstance
        from airflow.utils.session import create_session

        with create_session() as session:
            ti = self._ti(session)
            return TaskInstance(
                id=uuid.UUID(str(ti.id)),
                task_id=ti.task_id,
                dag_id=ti.dag_id,
                run_id=ti.run_id,
                try_number=ti.try_number,
                map_index=ti.map_index,
                dag_version_id=uuid.UUID(str(ti.dag_version_id)),
            )

    def _run(self) -> Ended:
        from airflow.sdk.execution_time.supervisor import run_task_in_process

        described = self.described()
        result = run_task_in_process(ti=described, task=self.dag.task_dict[self.task_id])
        self.set_state(str(getattr(result.ti.state, "value", result.ti.state)))
        executed: Any = result.ti
        return Ended(str(getattr(result.state, "value", result.state)), result.msg, result.error, executed.task)


def trigger_of(deferred: Ended) -> Any:
    """Make the trigger as the triggerer does, from what was stored."""
    from airflow.sdk._shared.module_loading import import_string
    from airflow.sdk.serde import deserialize

    assert deferred.state == "deferred", deferred
    stored = json.loads(json.dumps(deferred.message.trigger_kwargs))
    kwargs: Any = deserialize(stored)
    return import_string(deferred.message.classpath)(**kwargs)


class Airflow:
    """Airflow with one folder of DAGs."""

    def __init__(self, dags: Path, workspace: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dags, self.workspace, self._monkeypatch = dags, workspace, monkeypatch

    def connect(self, conn_id: str = "databricks_default", **fields: Any) -> None:
        """Define the connection to the workspace."""
        default: dict[str, Any] = {
            "conn_type": "databricks",
            "host": self.workspace.host,
            "password": self.workspace.token,
        }
        self._monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(fields or default))

    def write_contract(self, jobs: Sequence[Job], *, name: str = "airbrick.contract.dev.json", **changes: Any) -> Path:
        path = self.dags / name
        write(path, contract_of(self.workspace, jobs, **changes))
        return path

    def write_dag(self, body: str, *, dag_id: str | None = None) -> tuple[str, Path]:
        """Write a DAG file.

        :param body: the statements inside ``with DAG(…)``.
        """
        dag_id = dag_id or f"dag_{uuid.uuid4().hex[:10]}"
        source = dedent(
            """
            from datetime import UTC, datetime, timedelta
            from airflow.sdk import DAG
            from airbrick.operators import *

            with DAG({dag_id!r}, schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC)):
            """
        ).format(dag_id=dag_id)
        lines = "\n".join(f"    {line}" for line in dedent(body).strip().splitlines())
        path = self.dags / f"{dag_id}.py"
        path.write_text(f"{source}{lines}\n", encoding="utf-8")
        return dag_id, path

    def parse(self, path: Path) -> Any:
        """Parse one DAG file as Airflow does."""
        from airflow.dag_processing.dagbag import DagBag

        return DagBag(path)

    def dag_run(self, body: str, *, task_id: str = "etl", run_id: str | None = None) -> TaskUnderTest:
        """Write a DAG, put it into the database, and start a dag run."""
        dag_id, path = self.write_dag(body)
        return self.start(dag_id, path, task_id=task_id, run_id=run_id or f"manual__{uuid.uuid4().hex[:8]}")

    def start(self, dag_id: str, path: Path, *, task_id: str, run_id: str) -> TaskUnderTest:
        from airflow.dag_processing.bundles.manager import DagBundlesManager
        from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
        from airflow.serialization.serialized_objects import DagSerialization
        from airflow.utils.session import create_session
        from airflow.utils.state import DagRunState
        from airflow.utils.types import DagRunTriggeredByType, DagRunType

        with create_session() as session:
            manager: Any = DagBundlesManager
            manager().sync_bundles_to_db(session=session)
        bag = BundleDagBag(dag_folder=path, bundle_path=self.dags, bundle_name="dags-folder")
        assert bag.import_errors == {}, bag.import_errors
        sync_bag_to_db(bag, "dags-folder", None)
        dag = bag.dags[dag_id]
        scheduler_dag = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
        now = datetime.now(UTC)
        with create_session() as session:
            scheduler_dag.create_dagrun(
                run_id=run_id,
                logical_date=now,
                data_interval=(now, now),
                run_after=now,
                run_type=DagRunType.MANUAL,
                triggered_by=DagRunTriggeredByType.TEST,
                state=DagRunState.RUNNING,
                start_date=now,
                session=session,
            )
        return TaskUnderTest(dag, task_id, run_id)

    def again(self, task: TaskUnderTest) -> TaskUnderTest:
        """Make a dag run again under the id it had."""
        return self.start(
            task.dag.dag_id, self.dags / f"{task.dag.dag_id}.py", task_id=task.task_id, run_id=task.run_id
        )

    def reload(self, task: TaskUnderTest) -> TaskUnderTest:
        """Parse a changed DAG file and store it, as the DAG processor does."""
        from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db

        path = self.dags / f"{task.dag.dag_id}.py"
        bag = BundleDagBag(dag_folder=path, bundle_path=self.dags, bundle_name="dags-folder")
        sync_bag_to_db(bag, "dags-folder", None)
        return TaskUnderTest(bag.dags[task.dag.dag_id], task.task_id, task.run_id, task.map_index)

    def expanded(self, task: TaskUnderTest, map_index: int) -> TaskUnderTest:
        """Give a task instance of a mapped task, expanded as the scheduler does."""
        from airflow.models.dagrun import DagRun
        from airflow.models.taskinstance import TaskInstance
        from airflow.serialization.serialized_objects import DagSerialization
        from airflow.utils.session import create_session
        from sqlalchemy import select

        with create_session() as session:
            dag_run = session.scalars(
                select(DagRun).where(DagRun.dag_id == task.dag.dag_id, DagRun.run_id == task.run_id)
            ).one()
            dag_run.dag = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(task.dag))
            rows = session.scalars(
                select(TaskInstance).where(TaskInstance.dag_id == task.dag.dag_id, TaskInstance.run_id == task.run_id)
            ).all()
            if all(row.map_index < 0 for row in rows):
                dag_run.task_instance_scheduling_decisions(session=session)
        return TaskUnderTest(task.dag, task.task_id, task.run_id, map_index)

    def delete_dag_run(self, task: TaskUnderTest) -> None:
        from airflow.models.dagrun import DagRun
        from airflow.utils.session import create_session
        from sqlalchemy import select

        with create_session() as session:
            statement = select(DagRun).where(DagRun.dag_id == task.dag.dag_id, DagRun.run_id == task.run_id)
            session.delete(session.scalars(statement).one())

    def remove(self) -> None:
        for path in self.dags.iterdir():
            if path.is_file():
                path.unlink()
