"""The page's application: Airflow itself says who asks and what they may see."""

from datetime import UTC, datetime

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import GetUserDep, PermittedTIFilter, requires_access_dag
from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse

from airbrick.operators.plugin import PAGE
from airbrick.operators.web.page import render
from airbrick.operators.web.waiting import waiting_tasks

app = FastAPI(title="Databricks runs", docs_url=None, redoc_url=None, openapi_url=None)


@app.get(
    f"/{PAGE}",
    response_class=HTMLResponse,
    dependencies=[Depends(requires_access_dag("GET", DagAccessEntity.TASK_INSTANCE))],
)
def runs(session: SessionDep, user: GetUserDep) -> HTMLResponse:
    """Show which deferred tasks wait for Databricks."""
    permitted = PermittedTIFilter(get_auth_manager().get_authorized_dag_ids(user=user, method="GET", session=session))
    tasks, total = waiting_tasks(session, permitted)
    return HTMLResponse(
        render(tasks, total, now=datetime.now(UTC)),
        headers={
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        },
    )
