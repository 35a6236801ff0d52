"""Which deferred tasks wait for something in Databricks, from Airflow's database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from airflow.jobs.job import Job
from airflow.models.taskinstance import TaskInstance
from airflow.models.trigger import Trigger
from airflow.models.xcom import XComModel
from airflow.utils.state import TaskInstanceState
from sqlalchemy import and_, func, select

from airbrick.operators.link import RunLink

if TYPE_CHECKING:
    from airflow.api_fastapi.core_api.security import PermittedTIFilter
    from sqlalchemy.orm import Session

SHOWN_MAX: Final = 500

_RUN: Final = "airbrick.operators.trigger.RunTrigger"
_STATEMENT: Final = "airbrick.operators.statement_trigger.StatementTrigger"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A deferred task.

    :param waits_for: such as ``run 123``.
    :param url: the run's page; empty while it is not known.
    :param since: when it was deferred.
    :param triggerer: the host of the triggerer that watches it; empty while none does.
    """

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    waits_for: str
    url: str
    conn_id: str
    since: datetime
    triggerer: str


def waiting_tasks(
    session: "Session", permitted: "PermittedTIFilter", *, limit: int = SHOWN_MAX
) -> tuple[list[Waiting], int]:
    """Find the deferred tasks that a user may see, the one that waits longest first.

    :param permitted: Airflow's own filter for that user.
    :returns: at most ``limit`` of them, and how many there are.
    """
    ours = and_(
        TaskInstance.trigger_id == Trigger.id,
        TaskInstance.state == TaskInstanceState.DEFERRED,
        Trigger.classpath.in_((_RUN, _STATEMENT)),
    )
    count = permitted.to_orm(select(func.count(TaskInstance.id)).join(Trigger, ours))
    link = and_(
        XComModel.dag_id == TaskInstance.dag_id,
        XComModel.run_id == TaskInstance.run_id,
        XComModel.task_id == TaskInstance.task_id,
        XComModel.map_index == TaskInstance.map_index,
        XComModel.key == RunLink().xcom_key,
    )
    rows = permitted.to_orm(
        select(TaskInstance, Trigger, Job.hostname, XComModel)
        .join(Trigger, ours)
        .outerjoin(Job, Trigger.triggerer_id == Job.id)
        .outerjoin(XComModel, link)
    )
    found = session.execute(rows.order_by(Trigger.created_date, Trigger.id).limit(limit))
    return [_waiting(*row) for row in found], session.scalar(count) or 0


def _waiting(ti: Any, trigger: Any, triggerer: str | None, link: Any) -> Waiting:  # noqa: ANN401 -- rows of Airflow's models
    kwargs: Mapping[str, Any] = trigger.kwargs
    url = "" if link is None else XComModel.deserialize_value(link)
    waits_for = (
        f"statement {kwargs.get('statement_id')}" if trigger.classpath == _STATEMENT else f"run {kwargs.get('run_id')}"
    )
    return Waiting(
        dag_id=ti.dag_id,
        run_id=ti.run_id,
        task_id=ti.task_id,
        map_index=ti.map_index,
        waits_for=waits_for,
        url=url if isinstance(url, str) else "",
        conn_id=str(kwargs.get("conn_id") or ""),
        since=trigger.created_date,
        triggerer=triggerer or "",
    )
